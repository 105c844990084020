"""Photo files: found in Recipe1M's layouts, checked, made plain sRGB and shrunk.

The one place where a photo from outside is opened. What it may cost is bounded before it is decoded
(`seje.photos.bounds`); whatever a decoder does with it after that is this photo's BadPhoto.
"""

import errno
import hashlib
import io
import logging
import stat
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from seje.errors import SejeError
from seje.photos.bounds import (
    LONGEST_SIDE,
    MOST_FILE,
    MOST_MEMORY,
    MOST_PIXELS,
    MOST_SCANNED,
    BadPhoto,
    Frame,
    look,
    memory,
)
from seje.photos.deep import lower_bytes, seems_shallow, set_rawmode
from seje.photos.pixels import Pixels, factor_of, finish

__all__ = ["BadPhoto", "Pixels", "decode", "encode", "locate", "open_photo", "read_photo"]

# All that is opened, whatever a file is named; JPEG includes those of several photos, as of stereo cameras.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF")
SHORTEST_SIDE = 16
# JPEG leaves a level or two of noise on a plain colour.
FLAT_LEVELS = 4
# Of other formats with many frames, as the MPO of stereo cameras, the first one is the photo.
MOVING = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
END = b"\xff\xd9"
# Bits that a decoder takes for pixels if it still waits for some.
NOISE = bytes(range(7, 248, 5))
ORIENTATION = 0x0112
REASONS = {errno.ENOENT: "missing", errno.ENOTDIR: "missing", errno.ENAMETOOLONG: "name too long"}


def locate(folder: Path, name: str, partition: str) -> Path | None:
    """Find a photo under `folder`: with or without the partition, in four levels (a/b/c/d/) or flat.

    Where there is no such file, what else has its name is found, a folder or a file out of reach, for
    `open_photo` to say what is wrong with it; None without any.
    """
    levels = Path(*name[:4], name)
    places = (Path(partition) / levels, levels, Path(partition) / name, Path(name))
    kinds = {folder / place: _kind(folder / place) for place in places}
    files = (place for place, kind in kinds.items() if kind and stat.S_ISREG(kind))
    return next(files, None) or next((place for place, kind in kinds.items() if kind is not None), None)


def _kind(path: Path) -> int | None:
    """Mode of what has this path, 0 where that cannot be told; None where there is nothing."""
    try:
        return path.stat().st_mode
    except OSError as error:
        return None if error.errno in {errno.ENOENT, errno.ENOTDIR} and not path.is_symlink() else 0
    except ValueError:  # a name that no file can have
        return None


def open_photo(path: Path | None, size: int) -> Image.Image:
    """Read a photo's file as `read_photo` does its bytes; raises BadPhoto."""
    if path is None:
        raise BadPhoto("missing")
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):  # a pipe would be waited for
            raise BadPhoto("not a file")
        if told.st_size > MOST_FILE:
            raise BadPhoto("too large")
        data = path.read_bytes()
    except BadPhoto:
        raise
    except OSError as error:
        raise BadPhoto(REASONS.get(error.errno or 0, "cannot be opened")) from None
    except ValueError:  # a name that no file can have
        raise BadPhoto("missing") from None
    return read_photo(data, size)


def read_photo(data: bytes, size: int) -> Image.Image:
    """Read a photo as upright sRGB, its shorter side at most `size` pixels; raises BadPhoto.

    Of an animation, its first frame is the photo, and `info` of what is returned has "animated".
    """
    _register()
    try:
        return _read(data, size)
    except BadPhoto:
        raise
    except Exception as error:  # decoders fail on broken data in every way there is
        raise BadPhoto(_reason(error)) from None


def encode(image: Image.Image, quality: int) -> bytes:
    """Encode an RGB photo as JPEG, with colour at full resolution: at these sizes half of it would show."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def decode(jpeg: bytes | memoryview) -> Pixels:
    """Decode a JPEG that `encode` made to a uint8 array [H, W, 3]."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError) as error:
        raise SejeError(f"a stored photo is damaged ({error}): run `dvc repro -f images`") from None


@cache
def _register() -> None:
    """Let Pillow read HEIC, decode each photo in its own thread alone, and keep its doubts to itself."""
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    warnings.filterwarnings("ignore", module=r"PIL\.")  # thousands of lines for one photo's broken EXIF
    logging.getLogger("PIL").setLevel(logging.CRITICAL)


def _read(data: bytes, size: int) -> Image.Image:
    if not data:
        raise BadPhoto("empty")
    frame = look(data)
    if not frame.ended:
        frame = _ended(frame)
    with _opened(frame.data) as image:
        if min(image.size) < SHORTEST_SIDE:
            raise BadPhoto("too small")
        lower = lower_bytes(image)
        _bound(image, frame, size, lower is not None)
        animated = frame.animated or image.format in MOVING and getattr(image, "is_animated", False)
        image.load()
        low = _opened(frame.data, lower) if lower and seems_shallow(image) else None
        photo = finish(image, low, _orientation(image), size)
    if all(least >= most - FLAT_LEVELS for least, most in photo.getextrema()):  # type: ignore[misc]
        raise BadPhoto("one colour")
    photo.info = {"animated": True} if animated else {}  # else the original's comment would be written again
    return photo


def _opened(data: bytes, rawmode: str | None = None) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    if rawmode:
        set_rawmode(image, rawmode)
        image.load()
    return image


def _bound(image: Image.Image, frame: Frame, size: int, deep: bool) -> None:
    """Have a JPEG decoded no larger than it is needed; raises BadPhoto where that costs too much."""
    pixels, longest = image.width * image.height, max(image.size)
    if pixels > MOST_PIXELS or pixels * frame.scans > MOST_SCANNED:
        raise BadPhoto("too large" if pixels > MOST_PIXELS else "too many scans")
    if longest * min(1, size / min(image.size)) > LONGEST_SIDE:
        raise BadPhoto("too long")
    whole = image.size
    image.draft(None, (2 * size, 2 * size))
    averaged = image.width * image.height // factor_of(image, size) ** 2  # held twice while it is resized
    if memory(image, whole, frame) + 4 * pixels * deep + 8 * averaged > MOST_MEMORY:
        raise BadPhoto("too large")


def _ended(frame: Frame) -> Frame:
    """Put the mark of the end to a JPEG that lacks nothing else; raises BadPhoto where pixels are cut off.

    If a decoder waits for more, then what it makes of the rest depends on what follows.
    """
    whole = frame.data.rstrip(b"\0")
    if not frame.complete or len(frame.data) > len(whole) + 1:
        raise BadPhoto("truncated")
    whole += b"\0" * (whole[-1] == 0xFF)
    first, second = (_pixels(frame._replace(data=whole + follows + END)) for follows in (b"", NOISE))
    if first != second:
        raise BadPhoto("truncated")
    return frame._replace(data=whole + END)


def _pixels(frame: Frame) -> bytes:
    """A hash of a photo's pixels as they are decoded, at full size."""
    with _opened(frame.data) as image:
        if image.width * image.height > MOST_PIXELS or memory(image, image.size, frame) > MOST_MEMORY:
            raise BadPhoto("too large")
        image.load()
        return hashlib.sha256(image.tobytes()).digest()


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # broken EXIF data is no reason to lose the photo
        return 1


def _reason(error: Exception) -> str:
    if isinstance(error, Image.DecompressionBombError | MemoryError):
        return "too large"
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    return "truncated" if "truncated" in str(error).lower() else "broken"
