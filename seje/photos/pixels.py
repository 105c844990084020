"""Decoded photos of any mode made small sRGB ones: strip by strip, so that little is held beside them.

The sample of a photo is first scaled to 8 bits, laid on white where it is transparent, and averaged to at
least twice the wanted size; only then turned, resized and brought from its colour profile to sRGB.
"""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

Pixels = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

STRIP = 2**16  # pixels, of which a conversion holds some copies
# How a photo is stored, by EXIF's orientation, and what turns it upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Colours to tell sRGB by, four levels of each.
SAMPLE = Image.fromarray(np.indices((4, 4, 4)).reshape(3, 8, 8).transpose(1, 2, 0).astype(np.uint8) * 85)
# Cameras and scanners of 8 to 14 bits write them into 16 as they are; 15 bits nobody has.
DEPTHS = [float(2**bits - 1) for bits in (8, 9, 10, 11, 12, 13, 14, 16)]


def finish(image: Image.Image, low: Image.Image | None, orientation: int, size: int) -> Image.Image:
    """Make a decoded photo upright sRGB, its shorter side at most `size` pixels.

    Args:
        image: the photo, loaded, of any mode.
        low: the lower bytes of a photo of 16 bits a colour, of which `image` has the upper ones.
        orientation: of EXIF, 1 to 8; any other is upright.
        size: in pixels.
    """
    profile = image.info.get("icc_profile")
    scale = size / min(image.size)
    small = _averaged(image, low, factor_of(image, size))
    width, height = (max(size, round(side * scale)) for side in image.size)
    if (turn := UPRIGHT.get(orientation)) is not None:
        small = small.transpose(turn)
        width, height = (height, width) if orientation >= 5 else (width, height)
    if scale < 1:
        small = small.resize((width, height), Image.Resampling.LANCZOS)
    return to_srgb(small, profile)


def factor_of(image: Image.Image, size: int) -> int:
    """Side of the squares that are averaged first, in pixels: at least twice the wanted size stays."""
    return max(1, min(image.size) // (2 * size))


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring an image of mode L, RGB or CMYK from its profile to sRGB; a broken profile is none."""
    if profile:
        try:
            told = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            change = ImageCms.buildTransform(told, ImageCms.createProfile("sRGB"), image.mode, "RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # damaged, or of another colour space than the photo
        else:
            if image.mode != "RGB" or _changes(change):
                made = ImageCms.applyTransform(image, change)
                assert made is not None
                return made
    return image.convert("RGB")


def _changes(change: ImageCms.ImageCmsTransform) -> bool:
    """Whether a transform shows: one from sRGB, by whatever name, rounds a level or two."""
    made = ImageCms.applyTransform(SAMPLE, change)
    return int(np.abs(np.asarray(made, np.int16) - np.asarray(SAMPLE, np.int16)).max()) > 2


def _averaged(image: Image.Image, low: Image.Image | None, factor: int) -> Image.Image:
    """Mean of squares of `factor` pixels, in mode L, RGB or CMYK."""
    flat = _flattening(image, low)
    if image.mode in {"L", "RGB", "CMYK"} and not image.has_transparency_data and low is None:
        return image if factor == 1 else image.reduce(factor)
    rows = max(1, STRIP // (image.width * factor)) * factor
    whole: Image.Image | None = None
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(image.height, top + rows))
        strip = flat(box).reduce(factor)
        if whole is None:
            whole = Image.new(strip.mode, (strip.width, -(-image.height // factor)))
        whole.paste(strip, (0, top // factor))
    assert whole is not None
    return whole


def _flattening(image: Image.Image, low: Image.Image | None) -> Callable[[Box], Image.Image]:
    """Give the function that cuts a strip in 8 bits without transparency.

    What holds for all strips is found once: the depth of the levels, and whether alpha says anything.
    """
    if low is not None:
        return _deep_colours(image, low)
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        depth = _depth(image)
        return lambda box: Image.fromarray(_eight_bits(np.asarray(image.crop(box)), depth))
    if image.has_transparency_data and _shows(image):
        return lambda box: _on_white(image.crop(box))
    if image.mode in {"L", "CMYK"}:
        return image.crop
    if image.mode in {"1", "LA", "La"}:
        return lambda box: image.crop(box).convert("L")
    return lambda box: image.crop(box).convert("RGB")


def _shows(image: Image.Image) -> bool:
    """Whether something of an image is not transparent: where nothing is, nobody has meant the alpha."""
    alpha = image.getbands()[-1] in "Aa"
    return not alpha or image.getchannel(image.getbands()[-1]).getextrema() != (0, 0)


def _on_white(layer: Image.Image) -> Image.Image:
    layer = layer.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")


def _depth(image: Image.Image) -> float:
    """Level of white: the least usual one that holds all levels of a grey image."""
    strips = (image.crop((0, top, image.width, top + 1)) for top in range(image.height))
    most = max(float(np.nan_to_num(np.asarray(strip), posinf=0).max()) for strip in strips)
    depths = [1.0, 255.0, 65535.0] if image.mode == "F" else DEPTHS
    return next((depth for depth in depths if most <= depth), most)


def _eight_bits(levels: npt.NDArray[Any], depth: float) -> Pixels:
    with np.errstate(invalid="ignore"):  # of NaNs in a photo of mode F
        values = np.nan_to_num(levels.astype(np.float64), posinf=depth).clip(0, depth)
    return (values * (255 / depth)).round().astype(np.uint8)


def _deep_colours(high: Image.Image, low: Image.Image) -> Callable[[Box], Image.Image]:
    """Scale colours whose 16 bits hold fewer by the depth of the colours, alpha by its own."""
    bands = high.getbands()
    tops = [256.0 * top + 255 for _, top in high.getextrema()]  # type: ignore[misc]
    colours = max(top for band, top in zip(bands, tops, strict=True) if band != "A")
    depths = [
        next(depth for depth in DEPTHS if (top if band == "A" else colours) <= depth)
        for band, top in zip(bands, tops, strict=True)
    ]

    def flat(box: Box) -> Image.Image:
        """Cut a strip."""
        upper, lower = (np.asarray(part.crop(box), np.uint16) for part in (high, low))
        levels = (upper << 8 | lower) * (255 / np.asarray(depths, np.float32))
        strip = Image.fromarray(levels.round().clip(0, 255).astype(np.uint8), high.mode)
        return _on_white(strip) if "A" in bands and tops[-1] > 255 else strip.convert("RGB")

    return flat
