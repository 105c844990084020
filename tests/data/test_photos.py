import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from seje.data import photos
from seje.data.photos import BadPhoto, decode, encode, locate, open_photo

ACROSS, DOWN = np.meshgrid(np.arange(60) * 4, np.arange(40) * 6)
GRADIENT = np.stack([ACROSS, DOWN, np.full((40, 60), 90)], axis=2)
PICTURE = Image.fromarray(GRADIENT.astype(np.uint8))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def moving(kind: str) -> bytes:
    """A picture of two frames."""
    return saved(PICTURE, kind, save_all=True, append_images=[PICTURE.rotate(180)])


def png(width: int, height: int, depth: int, colour: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks, whatever they hold: also such as no library would write."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    whole = [(b"IHDR", head), *chunks, (b"IEND", b"")]
    parts = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in whole
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("photo.jpg", saved(PICTURE, "JPEG"))
    return buffer.getvalue()


ZEROS = (b"IDAT", zlib.compress(bytes(1000)))
LONG_TEXT = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1 << 26), 9))


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "empty"),
        (b"<html>not found</html>", "not an image"),
        (b"a photo of a cake", "not an image"),
        (bytes(5000), "not an image"),
        (zipped(), "not an image"),
        (saved(PICTURE, "PDF"), "not an image"),
        (moving("GIF"), "animated"),
        (moving("PNG"), "animated"),
        (moving("WEBP"), "animated"),
        (saved(PICTURE, "JPEG")[:500], "truncated"),
        (saved(PICTURE, "PNG")[:90], "truncated"),
        (saved(PICTURE, "JPEG")[:12], "truncated"),
        (saved(PICTURE, "JPEG")[:-200], "truncated"),
        (saved(PICTURE, "JPEG", progressive=True)[:700], "truncated"),
        (saved(PICTURE.resize((1, 1)), "JPEG"), "too small"),
        (saved(PICTURE.resize((15, 60)), "JPEG"), "too small"),
        (saved(PICTURE.resize((2000, 1)), "PNG"), "too small"),
        (saved(Image.new("RGB", (60, 40), (200, 30, 30)), "JPEG"), "one colour"),
        (saved(Image.new("RGBA", (60, 40), (0, 0, 0, 0)), "PNG"), "one colour"),
        (saved(Image.new("1", (20_000, 10_000)), "PNG"), "too large"),
        (saved(Image.new("1", (11_000, 10_000)), "PNG"), "too large"),
        (png(100_000, 100_000, 8, 2, ZEROS), "too large"),  # 10 GB of RGB in 80 bytes
        (png(0, 40, 8, 2, ZEROS), "not an image"),
        (png(60, 40, 8, 2, LONG_TEXT, ZEROS), "broken"),  # 64 MB of text in 65 kB
        (png(60, 40, 8, 2, (b"IDAT", b"no zlib stream")), "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bad_photo_has_a_reason(tmp_path, content, reason):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(BadPhoto, match=f"^{reason}$"):
        open_photo(path, 32)


def test_a_photo_that_was_not_found_is_missing():
    with pytest.raises(BadPhoto, match="missing"):
        open_photo(None, 32)


def test_random_damage_never_raises_anything_else(tmp_path):
    generator = np.random.default_rng(0)
    for kind in ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"):
        whole = np.frombuffer(saved(PICTURE, kind), np.uint8)
        for _ in range(60):
            broken = whole.copy()
            broken[generator.integers(0, len(broken), 20)] = generator.integers(0, 256, 20)
            (tmp_path / "x.jpg").write_bytes(broken[: generator.integers(1, len(broken) + 1)].tobytes())
            try:
                assert open_photo(tmp_path / "x.jpg", 32).mode == "RGB"
            except BadPhoto:
                pass


@pytest.mark.parametrize("where", ["train/0/f/a/8/", "0/f/a/8/", "train/", ""])
def test_layouts(tmp_path, where):
    path = tmp_path / where / "0fa8309c13.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert locate(tmp_path, "0fa8309c13.jpg", "train") == path
    assert locate(tmp_path, "1fa8309c13.jpg", "train") is None


def test_a_folder_of_that_name_is_no_photo(tmp_path):
    (tmp_path / "0fa8309c13.jpg").mkdir()
    assert locate(tmp_path, "0fa8309c13.jpg", "val") is None


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "BMP", "TIFF", "MPO"])
def test_what_is_in_the_file_counts_not_its_name(tmp_path, kind):
    """Also of a file of several frames that is no animation."""
    several = {"save_all": True, "append_images": [PICTURE.rotate(180)]} if kind in {"MPO", "TIFF"} else {}
    (tmp_path / "photo.jpg").write_bytes(saved(PICTURE, kind, **several))
    assert close(open_photo(tmp_path / "photo.jpg", 40), PICTURE, by=12)


def close(image: Image.Image, expected: Image.Image, by: float = 6) -> bool:
    difference = np.asarray(image).astype(float) - np.asarray(expected.convert("RGB")).astype(float)
    return image.size == expected.size and float(np.abs(difference).mean()) < by


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "CMYK", "YCbCr", "I;16", "I", "F", "1"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    if mode in {"I;16", "I", "F"}:
        grey = np.asarray(PICTURE.convert("L"))
        numbers = {"I;16": grey.astype(np.uint16) * 257, "I": grey.astype(np.int32) * 257}
        image = Image.fromarray(numbers.get(mode, grey.astype(np.float32) / 255))
        expected = PICTURE.convert("L")
    elif mode == "LA":
        image, expected = PICTURE.convert("L").convert("LA"), PICTURE.convert("L")
    else:
        image = expected = PICTURE.convert(mode)
    path = tmp_path / "photo.tif"
    image.save(path, "TIFF" if mode != "P" else "PNG")
    assert close(open_photo(path, 40), expected)


@pytest.mark.parametrize("kind", ["L", "CMYK"])
def test_modes_of_jpeg_that_the_decoder_shrinks(tmp_path, kind):
    large = PICTURE.resize((1200, 800), Image.Resampling.BICUBIC).convert(kind)
    large.save(tmp_path / "photo.jpg", quality=95)
    shrunk = open_photo(tmp_path / "photo.jpg", 40)
    assert shrunk.mode == "RGB" and close(shrunk, large.resize((60, 40), Image.Resampling.LANCZOS))


def test_sixteen_bits_of_each_colour(tmp_path):
    levels = GRADIENT.astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    (tmp_path / "photo.png").write_bytes(png(60, 40, 16, 2, (b"IDAT", zlib.compress(rows))))
    assert close(open_photo(tmp_path / "photo.png", 40), PICTURE, by=1)


def test_a_transparent_colour_of_a_palette_shows_white(tmp_path):
    indexed = PICTURE.quantize(16)
    indexed.save(tmp_path / "photo.png", transparency=3)
    flat, clear = np.asarray(open_photo(tmp_path / "photo.png", 40)), np.asarray(indexed) == 3
    assert clear.any() and (flat[clear] == 255).all()
    assert (flat[~clear] == np.asarray(indexed.convert("RGB"))[~clear]).all()


def test_what_is_transparent_shows_white(tmp_path):
    layer = PICTURE.convert("RGBA")
    layer.paste((0, 0, 0, 0), (0, 0, 30, 40))
    layer.save(tmp_path / "photo.png")
    flat = np.asarray(open_photo(tmp_path / "photo.png", 40))
    assert (flat[:, :30] == 255).all() and (flat[:, 30:] == GRADIENT[:, 30:]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turns = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90"}
    stored = turns | {7: "TRANSVERSE", 8: "ROTATE_270"}
    name = stored.get(orientation)
    turned = PICTURE.transpose(Image.Transpose[name]) if name else PICTURE
    turned.save(tmp_path / "photo.jpg", exif=exif, quality=95)
    assert close(open_photo(tmp_path / "photo.jpg", 40), PICTURE)


def test_broken_exif_loses_nothing(tmp_path):
    PICTURE.save(tmp_path / "photo.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff broken", quality=95)
    assert close(open_photo(tmp_path / "photo.jpg", 40), PICTURE)


@pytest.mark.parametrize("size, expected", [(16, (24, 16)), (40, (60, 40)), (300, (60, 40))])
def test_shrinks_the_shorter_side_and_never_enlarges(tmp_path, size, expected):
    PICTURE.save(tmp_path / "photo.png")
    assert open_photo(tmp_path / "photo.png", size).size == expected


def test_a_large_jpeg_shrinks_to_what_a_plain_resize_gives(tmp_path):
    large = PICTURE.resize((1200, 800), Image.Resampling.BICUBIC)
    large.save(tmp_path / "photo.jpg", quality=95, comment=b"not ours to keep")
    shrunk = open_photo(tmp_path / "photo.jpg", 40)
    assert close(shrunk, large.resize((60, 40), Image.Resampling.LANCZOS), by=3)
    assert b"not ours" not in encode(shrunk, 90)


def test_encode_and_decode(tmp_path):
    jpeg = encode(PICTURE, 95)
    assert jpeg == encode(PICTURE, 95)
    assert close(Image.fromarray(decode(jpeg)), PICTURE, by=3)
    assert decode(memoryview(jpeg)).dtype == np.uint8
    with pytest.raises(photos.SejeError, match="damaged"):
        decode(b"no jpeg")
