"""Broken photos of every format that is opened: each is a good image or a BadPhoto, within time and memory.

    python benchmarks/fuzz_photos.py                      # 2,000 photos, some minutes
    python benchmarks/fuzz_photos.py --count 200 --seed 1

Small good photos are made here, of all formats and their kinds, then broken by chance: bytes turned, a part
cut off, left out, repeated or taken from another photo, numbers of the header set to extremes. The worst that
was seen is printed; the process fails where something else than BadPhoto comes out, or a bound is broken.
"""

import io
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer
from PIL import Image, ImageCms

from seje.photos.bounds import MOST_MEMORY
from seje.photos.decoding import BadPhoto, encode, read_photo

SIZE = 32
MOST_SECONDS = 15.0  # of the processor, for one photo: a header may ask for 100 million pixels
EXTREMES = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\xff\xff",
)
KINDS = {
    "baseline": ("JPEG", "RGB", {}),
    "progressive": ("JPEG", "RGB", {"progressive": True}),
    "restarts": ("JPEG", "L", {"restart_marker_rows": 1}),
    "inks": ("JPEG", "CMYK", {}),
    "several": ("MPO", "RGB", {"save_all": True}),
    "png": ("PNG", "RGB", {}),
    "alpha": ("PNG", "RGBA", {}),
    "palette": ("PNG", "P", {"transparency": 3}),
    "deep": ("PNG", "I;16", {}),
    "apng": ("PNG", "RGB", {"save_all": True}),
    "webp": ("WEBP", "RGB", {}),
    "lossless": ("WEBP", "RGBA", {"lossless": True}),
    "moving": ("WEBP", "RGB", {"save_all": True}),
    "gif": ("GIF", "P", {}),
    "animation": ("GIF", "P", {"save_all": True}),
    "bmp": ("BMP", "RGB", {}),
    "heic": ("HEIF", "RGB", {}),
    "avif": ("AVIF", "RGB", {}),
    "tiff": ("TIFF", "RGB", {}),
    "packed": ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    "deflated": ("TIFF", "I;16", {"compression": "tiff_adobe_deflate"}),
    "jpeg in tiff": ("TIFF", "RGB", {"compression": "jpeg"}),
    "float": ("TIFF", "F", {}),
}


class Seen(NamedTuple):
    """What came of the photos: reasons and `good` counted; the slowest and its kind."""

    outcomes: Counter[str]
    seconds: float
    slowest: str


def main(
    count: Annotated[int, typer.Option(help="Photos to break.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of what is broken.")] = 0,
) -> None:
    """Break photos, open each, print what came of them."""
    whole = good_photos()
    before = peak()
    seen = open_all(broken_photos(whole, count, seed))
    taken = peak() - before
    for outcome, times in seen.outcomes.most_common():
        print(f"{times:6} {outcome}")
    print(f"slowest {seen.seconds:.2f} s of the processor ({seen.slowest}), {taken >> 20} MB at most")
    if seen.seconds > MOST_SECONDS or taken > MOST_MEMORY:
        sys.exit("a bound is broken")


def peak() -> int:
    """Bytes that this process has held at most; `getrusage` would tell those of its parent too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def good_photos() -> dict[str, bytes]:
    """A good photo of each kind, with EXIF data and a profile where the format has them."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    small = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    picture = Image.fromarray(small).resize((240, 180), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photos = {}
    for name, (kind, mode, options) in KINDS.items():
        image = picture.convert("L").convert("I;16") if mode == "I;16" else picture.convert(mode)
        more = {"append_images": [image.rotate(180)]} if "save_all" in options else {}
        more |= {"exif": exif, "icc_profile": profile} if kind not in {"GIF", "BMP"} else {}
        buffer = io.BytesIO()
        image.save(buffer, kind, **options, **more)
        photos[name] = buffer.getvalue()
    return photos


def broken_photos(photos: dict[str, bytes], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Break photos of all kinds in turn; gives each with the name of its kind."""
    generator = np.random.default_rng(seed)
    names = list(photos)
    for number in range(count):
        name = names[number % len(names)]
        broken = bytearray(photos[name])
        for _ in range(generator.integers(1, 4)):
            broken = _break(broken, photos[names[generator.integers(len(names))]], generator)
        yield name, bytes(broken)


def _break(photo: bytearray, other: bytes, generator: np.random.Generator) -> bytearray:
    size = max(1, len(photo))
    start, end = sorted(generator.integers(0, size, 2).tolist())
    match generator.integers(7):
        case 0:  # turn bytes anywhere
            for place in generator.integers(0, size, generator.integers(1, 20)):
                photo[place : place + 1] = generator.bytes(1)
        case 1:  # turn bits of the header
            for place in generator.integers(0, min(size, 200), generator.integers(1, 6)):
                photo[place : place + 1] = bytes(
                    [(photo[place] if photo else 0) ^ 1 << generator.integers(8)]
                )
        case 2:  # set numbers of the header to extremes
            extreme = EXTREMES[generator.integers(len(EXTREMES))]
            place = int(generator.integers(0, min(size, 200)))
            photo[place : place + len(extreme)] = extreme
        case 3:
            del photo[start:]
        case 4:
            del photo[start : min(end, start + 64)]
        case 5:
            photo[end:end] = photo[start:end] * int(generator.integers(1, 4))
        case 6:
            photo[start:end] = other[start:end]
    return photo


def open_all(photos: Iterator[tuple[str, bytes]]) -> Seen:
    """Open photos as the stage does; raises whatever is no BadPhoto."""
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    for name, data in photos:
        start = time.process_time()
        try:
            encode(read_photo(data, SIZE), 90)
            outcomes["good"] += 1
        except BadPhoto as reason:
            outcomes[str(reason)] += 1
        slowest = max(slowest, (time.process_time() - start, name))
    return Seen(outcomes, *slowest)


if __name__ == "__main__":
    typer.run(main)
