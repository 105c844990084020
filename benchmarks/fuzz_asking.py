"""Damaged photos, bodies and words through `seje search` and the server: never a traceback, memory bounded.

    python benchmarks/fuzz_asking.py          # 2,000 photos, 500 bodies; the pipeline of this folder
    python benchmarks/fuzz_asking.py --photos 200 --bodies 50 --seed 7

Small photos of every format are made in memory and damaged: bytes changed, cut off, put in, taken from
another photo. Each is asked with from a file and as an upload. Recipes as JSON are damaged alike and go to
the server, and as words to the search. Whatever is not an answer must be a line: SejeError from a file, 422
from the server. Prints one JSON object: how often what happened, and by how many MB the peak of memory grew,
which must stay below MOST_MB. Anything else ends the run, and leaves the damaged bytes in `fuzz-failure`.
"""

import io
import json
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import typer
from PIL import Image

from seje.errors import SejeError, one_line
from seje.search.nearest import Search
from seje.search.opening import open_search
from seje.search.request import Embedder

MOST_MB = 600  # one photo of 512 MB while it is decoded, and what the model itself takes
FORMATS: dict[str, dict[str, object]] = {
    "JPEG": {}, "PNG": {}, "WEBP": {}, "GIF": {}, "BMP": {}, "TIFF": {"compression": "tiff_lzw"},
}  # fmt: skip
PIECES = [
    b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"\\ud83d", b"\\u0000", b"[" * 3000, b"\xff",
    b"\xef\xbb\xbf", "\u5bff\u53f8\u202e\U0001f35d".encode(), b'"', b"null", b",", b'{"text":', b"\0", b"\\",
]  # fmt: skip
RECIPES = [
    {"title": "tomato soup", "ingredients": ["2 cups tomatoes", "1/2 onion"], "instructions": ["Stir."]},
    {"title": "cr\u00e8me \U0001f35d", "ingredients": []},
    {"ingredients": ["egg, beaten"] * 20, "instructions": ["Bake for 20 minutes."] * 5},
]
Damage = Callable[[random.Random, bytes, bytes], bytes]


def whole_photos(random_: random.Random) -> list[bytes]:
    """Make small photos of every format, mode and way of writing that Pillow has for them."""
    levels = np.random.default_rng(random_.randrange(2**32)).integers(0, 256, (40, 56, 4), dtype=np.uint8)
    photo = Image.fromarray(levels)
    made = [(name, mode, given) for name, given in FORMATS.items() for mode in ("RGB", "L", "P")]
    made += [(name, "RGBA", {}) for name in ("PNG", "WEBP", "TIFF")]
    made += [("PNG", "1", {}), ("WEBP", "RGB", {"lossless": True}), ("JPEG", "CMYK", {"progressive": True})]
    moving: dict[str, object] = {"save_all": True, "append_images": [photo.convert("RGB").rotate(180)]}
    made += [(name, "RGB", moving) for name in ("GIF", "WEBP", "PNG", "TIFF")]
    made += [("JPEG", "RGB", {"progressive": True, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"})]
    return [_written(photo, *how) for how in made]


def _written(photo: Image.Image, name: str, mode: str, given: dict[str, object]) -> bytes:
    held = io.BytesIO()
    plain = photo.convert("RGB").convert("RGB" if name in {"JPEG", "WEBP"} and mode == "P" else mode)
    plain.save(held, name, **given)
    return held.getvalue()


def change(random_: random.Random, data: bytes, _: bytes) -> bytes:
    """Change up to 16 bytes, half of the times near the start, where the headers are."""
    changed = bytearray(data)
    reach = len(data) if random_.random() < 0.5 else min(len(data), 64)
    for _ in range(random_.randint(1, 16)):
        changed[random_.randrange(reach)] = random_.choice((0, 1, 127, 128, 255, random_.randrange(256)))
    return bytes(changed)


def cut(random_: random.Random, data: bytes, _: bytes) -> bytes:
    """Keep the beginning."""
    return data[: random_.randrange(len(data) + 1)]


def splice(random_: random.Random, data: bytes, other: bytes) -> bytes:
    """Go on with the rest of another one."""
    return data[: random_.randrange(len(data) + 1)] + other[random_.randrange(len(other) + 1) :]


def repeat(random_: random.Random, data: bytes, _: bytes) -> bytes:
    """Have a part of it many times."""
    start = random_.randrange(len(data))
    end = random_.randrange(start, len(data))
    return data[:end] + data[start:end] * random_.choice((1, 3, 50)) + data[end:]


def put_in(random_: random.Random, data: bytes, _: bytes) -> bytes:
    """Put odd pieces in."""
    for _ in range(random_.randint(1, 3)):
        at = random_.randrange(len(data) + 1)
        data = data[:at] + random_.choice(PIECES) + data[at:]
    return data


def damaged(random_: random.Random, whole: list[bytes], ways: list[Damage], count: int) -> Iterator[bytes]:
    """Damage one after another, in one way or two."""
    for number in range(count):
        data = whole[number % len(whole)]
        for _ in range(random_.randint(1, 2)):
            data = random_.choice(ways)(random_, data or b"\0", random_.choice(whole))
        yield data


def fuzz(search: Search, photos: int, bodies: int, seed: int) -> dict[str, object]:
    """Ask with everything; returns how often what happened, the seconds, and the peak of memory in MB."""
    from fastapi.testclient import TestClient

    from seje.web.app import create

    random_ = random.Random(seed)
    whole = whole_photos(random_)
    recipes = [json.dumps(recipe, ensure_ascii=False).encode() for recipe in RECIPES]
    seen: Counter[str] = Counter()
    embed, start = Embedder(search.model), time.perf_counter()
    with TestClient(create(search, None, ["*"])) as client, tempfile.TemporaryDirectory() as folder:
        client.post("/search/photo?k=3", content=whole[0])  # what the first one takes is the model's own
        before = peak_mb()
        path = Path(folder) / "photo.jpg"
        for data in damaged(random_, whole, [change, cut, splice, repeat], photos):
            with kept(data):
                path.write_bytes(data)
                seen[f"file {_outcome(lambda: embed.photo(str(path)))}"] += 1
                seen[f"upload {_status(client.post('/search/photo?k=3', content=data))}"] += 1
        for data in damaged(random_, recipes, [change, cut, splice, repeat, put_in], bodies):
            with kept(data):
                words = data.decode(errors="surrogateescape")
                seen[f"words {_outcome(lambda words=words: embed.text(words))}"] += 1
                seen[f"body {_status(client.post('/search/text?k=3', content=data))}"] += 1
        growth = peak_mb() - before
    if growth >= MOST_MB:
        raise MemoryError(f"{growth} MB more than before, {MOST_MB} are the most")
    seconds = round(time.perf_counter() - start, 1)
    return {"seed": seed, **dict(sorted(seen.items())), "seconds": seconds, "peak_growth_mb": growth}


def peak_mb() -> int:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@contextmanager
def kept(data: bytes) -> Iterator[None]:
    """Keep what a failure came from."""
    try:
        yield
    except BaseException:
        Path("fuzz-failure").write_bytes(data)
        raise


def _outcome(ask: Callable[[], object]) -> str:
    try:
        vector = ask()
    except SejeError as error:
        assert len(one_line(error)) < 600, error
        return "refused"
    assert np.isfinite(vector).all()
    return "answered"


def _status(answer: object) -> str:
    found = answer.json()
    if answer.status_code == 422:
        assert found["detail"].isprintable() and len(found["detail"]) < 600, found
        return "refused"
    assert answer.status_code == 200, (answer.status_code, found)
    assert all(np.isfinite(hit["score"]) for side in ("recipes", "photos") for hit in found[side])
    return "answered"


def main(photos: int = 2000, bodies: int = 500, seed: int = 1) -> None:
    """Run it on the pipeline of this folder."""

    search = open_search(None, None)
    search.model.load()
    print(json.dumps(fuzz(search, photos, bodies, seed)))


if __name__ == "__main__":
    typer.run(main)
