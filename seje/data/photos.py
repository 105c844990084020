"""Photo files: found in Recipe1M's layouts, checked, made plain RGB and shrunk."""

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from seje.errors import SejeError

Pixels = npt.NDArray[np.uint8]

MOST_PIXELS = 100_000_000
SHORTEST_SIDE = 16
# JPEG leaves a level or two of noise on a plain colour.
FLAT_LEVELS = 4
# Of other formats with many frames, as the MPO of stereo cameras, the first one is the photo.
MOVING = frozenset({"GIF", "PNG", "WEBP", "AVIF"})


class BadPhoto(ValueError):
    """Carries the reason why a photo cannot be used."""


def locate(folder: Path, name: str, partition: str) -> Path | None:
    """Find a photo under `folder`: with or without the partition, in four levels (a/b/c/d/) or flat."""
    levels = Path(*name[:4], name)
    places = (Path(partition) / levels, levels, Path(partition) / name, Path(name))
    return next((folder / place for place in places if (folder / place).is_file()), None)


def open_photo(path: Path | None, size: int) -> Image.Image:
    """Read a photo as upright RGB, its shorter side at most `size` pixels; raises BadPhoto."""
    if path is None:
        raise BadPhoto("missing")
    try:
        empty = not path.stat().st_size
    except OSError as error:
        raise BadPhoto(_reason(error)) from None
    if empty:
        raise BadPhoto("empty")
    return _open(path, size, MOST_PIXELS)


def read_photo(data: bytes, size: int, most_pixels: int) -> Image.Image:
    """Read a photo from memory as `open_photo` does a file; raises BadPhoto, also beyond `most_pixels`."""
    if not data:
        raise BadPhoto("empty")
    return _open(io.BytesIO(data), size, most_pixels)


def _open(source: Path | io.BytesIO, size: int, most_pixels: int) -> Image.Image:
    try:
        with Image.open(source) as image:
            if image.width * image.height > most_pixels:
                raise BadPhoto("too large")
            if image.format in MOVING and getattr(image, "is_animated", False):
                raise BadPhoto("animated")
            return _read(image, size)
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
        with Image.open(io.BytesIO(jpeg)) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError) as error:
        raise SejeError(f"a stored photo is damaged ({error}): run `dvc repro -f images`") from None


def _read(image: Image.Image, size: int) -> Image.Image:
    if min(image.size) < SHORTEST_SIDE:
        raise BadPhoto("too small")
    image.draft(None, (2 * size, 2 * size))  # lets the JPEG decoder do most of the shrinking
    image.load()
    upright = image
    with contextlib.suppress(Exception):  # broken EXIF data is no reason to lose the photo
        upright = ImageOps.exif_transpose(image)
    shrunk = _shrink(_rgb(upright), size)
    if all(high - low <= FLAT_LEVELS for low, high in shrunk.getextrema()):  # type: ignore[misc]
        raise BadPhoto("one colour")
    shrunk.info.clear()  # else the original's comment would be written again
    return shrunk


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image.convert("RGB")


def _eight_bits(levels: npt.NDArray[Any]) -> Pixels:
    """Scale grey levels of any depth to 0..255; the depth is the least usual one that holds them all."""
    values = np.nan_to_num(levels.astype(np.float64)).clip(0)
    most = float(values.max())
    depths = [255.0, 65535.0, most] if levels.dtype.kind != "f" else [1.0, 255.0, 65535.0, most]
    depth = next(depth for depth in depths if most <= depth)
    return (values * (255 / depth)).round().astype(np.uint8)


def _shrink(image: Image.Image, size: int) -> Image.Image:
    scale = size / min(image.size)
    if scale >= 1:
        return image
    width, height = (max(size, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _reason(error: Exception) -> str:
    if isinstance(error, Image.DecompressionBombError):
        return "too large"
    if isinstance(error, UnidentifiedImageError):
        return "not an image"
    if "truncated" in str(error).lower():
        return "truncated"
    return "cannot be opened" if isinstance(error, PermissionError) else "broken"
