"""Colours of 16 bits, of which Pillow gives the upper 8: the lower ones too, where the upper say little.

Of cameras and scanners that write 10 to 14 bits into 16 as they are, the upper byte alone is near black.
"""

from PIL import Image

SHALLOW = 64  # the upper byte of 14 bits is less
# What Pillow calls the order of bytes in a file, and the order that makes it take the other byte.
OTHER = {
    f"{colours};16{order}": f"{colours};16{other}"
    for colours in ("RGB", "RGBA", "RGBX")
    for order, other in (("B", "L"), ("L", "B"), ("N", "B"))  # N: of this machine, little-endian
}


def lower_bytes(image: Image.Image) -> str | None:
    """Raw mode that decodes the lower bytes of a photo that is not yet loaded; None where it has none."""
    return OTHER.get(_rawmode(image.tile[0].args)) if getattr(image, "tile", None) else None  # type: ignore[attr-defined]


def seems_shallow(image: Image.Image) -> bool:
    """Whether the upper bytes of all colours are those of 14 bits at most."""
    colours = range(3)
    return all(image.getchannel(colour).getextrema()[1] < SHALLOW for colour in colours)  # type: ignore[operator]


def set_rawmode(image: Image.Image, rawmode: str) -> None:
    """Have a photo that is not yet loaded decoded by another raw mode."""
    tiles = image.tile  # type: ignore[attr-defined]
    image.tile = [  # type: ignore[attr-defined]
        tile._replace(args=rawmode if isinstance(tile.args, str) else (rawmode, *tile.args[1:]))
        for tile in tiles
    ]


def _rawmode(args: object) -> str:
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""
