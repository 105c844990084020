import errno
import io
import os
import re
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from seje.photos import decoding
from seje.photos.decoding import BadPhoto, decode, encode, locate, open_photo, read_photo

register_heif_opener()  # to write some

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
        (saved(PICTURE, "EPS"), "not an image"),
        (saved(PICTURE, "PPM"), "not an image"),
        (saved(PICTURE, "ICNS"), "not an image"),
        (saved(PICTURE, "JPEG2000"), "not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n%%EndComments\n{} loop\n", "not an image"),
        (saved(PICTURE.resize((66_000, 20)), "PNG"), "too long"),  # JPEG, in which it is stored, has no such
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


def reason_of(path: Path | None) -> str:
    with pytest.raises(BadPhoto) as caught:
        open_photo(path, 32)
    return str(caught.value)


def test_a_folder_of_that_name_is_no_photo_and_hides_none(tmp_path):
    (tmp_path / "train/0fa8309c13.jpg").mkdir(parents=True)
    assert reason_of(locate(tmp_path, "0fa8309c13.jpg", "train")) == "not a file"
    (tmp_path / "0fa8309c13.jpg").write_bytes(saved(PICTURE, "JPEG"))
    assert locate(tmp_path, "0fa8309c13.jpg", "train") == tmp_path / "0fa8309c13.jpg"


def test_what_is_no_plain_file_has_its_reason(tmp_path):
    """None of them is waited for, and none ends the stage."""
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").symlink_to(tmp_path)
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    (tmp_path / "zeros.jpg").symlink_to("/dev/zero")
    reasons = {
        "pipe.jpg": "not a file",
        "folder.jpg": "not a file",
        "zeros.jpg": "not a file",
        "dangling.jpg": "missing",
        "loop.jpg": "cannot be opened",
        "nothing.jpg": "missing",
        "a" * 300 + ".jpg": "name too long",
        "nul\0.jpg": "missing",
        "half \ud800.jpg": "missing",
    }
    assert {name: reason_of(locate(tmp_path, name, "val")) for name in reasons} == reasons


def test_what_may_not_be_read_has_its_reason(tmp_path, monkeypatch):
    """The superuser, as whom tests may run, may read all: what the system then says is put in its place."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved(PICTURE, "JPEG"))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert reason_of(path) == "cannot be opened"
    monkeypatch.setattr(Path, "stat", refuse)
    assert reason_of(locate(tmp_path, "photo.jpg", "val")) == "cannot be opened"


def test_a_file_of_gigabytes_is_not_read(tmp_path):
    with (tmp_path / "photo.jpg").open("wb") as file:
        file.truncate(1 << 40)
    assert reason_of(tmp_path / "photo.jpg") == "too large"


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_is_its_first_frame(kind):
    image = read_photo(moving(kind), 40)
    assert close(image, PICTURE, by=12)
    assert image.info == {"animated": True}
    assert read_photo(saved(PICTURE, kind), 40).info == {}


def test_a_photo_from_memory_is_read_as_its_file(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(saved(PICTURE, "JPEG"))
    assert read_photo(saved(PICTURE, "JPEG"), 32) == open_photo(tmp_path / "photo.jpg", 32)


NOISY = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)).resize((480, 320))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"quality": 20}])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_that_lacks_its_end_alone_is_whole(options, mode):
    whole = saved(NOISY.convert(mode), "JPEG", **options)
    assert whole.endswith(b"\xff\xd9")
    for rest in (whole[:-1], whole[:-2], whole[:-2] + b"\0"):
        assert read_photo(rest, 100) == read_photo(whole, 100)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_jpeg_of_which_pixels_are_cut_off_is_set_aside(options):
    whole = saved(NOISY, "JPEG", **options)
    scans = [found.start() for found in re.finditer(b"\xff\xda", whole)]
    for end in (len(whole) - 20, len(whole) - 300, len(whole) // 2, *scans, *(scan + 14 for scan in scans)):
        for rest in (whole[:end], whole[:end] + bytes(len(whole) - end)):  # what a broken transfer leaves
            with pytest.raises(BadPhoto, match="truncated"):
                read_photo(rest, 40)


def profile(name: str) -> bytes:
    """A profile of colours as wide as those of Adobe RGB or Display P3, or of linear light.

    Red, green and blue, and the white of D65, in CIE's xy; littleCMS has no maker of such for Python, so the
    tags are written here: matrix and one power of each colour, as in ICC.1:2010.
    """
    primaries = {
        "adobe": [(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)],
        "p3": [(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)],
        "srgb": [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)],
    }
    power = {"adobe": 2.2, "p3": 2.2, "srgb": 1.0}[name]
    columns = np.asarray([(x / y, 1, (1 - x - y) / y) for x, y in primaries[name]]).T
    white = np.asarray([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
    matrix = columns * np.linalg.solve(columns, white)
    cone = np.asarray([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    fifty = np.asarray([0.9642, 1.0, 0.8249])
    adapted = np.linalg.inv(cone) @ np.diag((cone @ fifty) / (cone @ white)) @ cone @ matrix

    def fixed(values: object) -> bytes:
        return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in np.ravel(values))

    text = name.encode()
    curve = b"curv\0\0\0\0\0\0\0\1" + struct.pack(">H", round(power * 256)) + b"\0\0"
    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + bytes(79)}
    tags |= {b"wtpt": b"XYZ \0\0\0\0" + fixed(fifty), b"cprt": b"text\0\0\0\0none\0\0\0\0"}
    for place, letter in enumerate((b"r", b"g", b"b")):
        tags |= {letter + b"XYZ": b"XYZ \0\0\0\0" + fixed(adapted[:, place]), letter + b"TRC": curve}
    table, body = struct.pack(">I", len(tags)), b""
    for tag, content in tags.items():
        table += tag + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s",
        128 + len(table + body),
        b"lcms",
        0x02400000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        bytes(12),
        b"acsp",
    )
    return (head + bytes(28) + fixed(fifty) + bytes(48)) + table + body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_colours_of_a_profile_become_srgb(kind):
    """A mild red and a grey in the wide colours of a camera: the red is stronger than its numbers say."""
    flat = Image.new("RGB", (60, 40), (200, 120, 120))
    flat.paste((128, 128, 128), (30, 0, 60, 40))
    lossless = {"lossless": True} if kind == "WEBP" else {"quality": 95}
    red, grey = (
        np.asarray(read_photo(saved(flat, kind, icc_profile=profile("adobe"), **lossless), 40))[20, place]
        for place in (10, 50)
    )
    # By hand: (200, 120, 120)/255 to the power of 2.2, to XYZ by Adobe RGB's matrix, to linear sRGB, to sRGB.
    assert np.abs(red.astype(int) - (229, 119, 119)).max() <= 6
    assert np.abs(grey.astype(int) - 128).max() <= 4


def test_linear_light_is_not_left_dark():
    grey = Image.linear_gradient("L").convert("RGB")
    levels = np.asarray(read_photo(saved(grey, "PNG", icc_profile=profile("srgb")), 256))[:, 128, 1].astype(
        float
    )
    linear = np.arange(256) / 255
    expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(levels - expected).max() < 4


def test_a_profile_of_srgb_changes_nothing():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert read_photo(saved(NOISY, "JPEG", icc_profile=srgb), 100) == read_photo(saved(NOISY, "JPEG"), 100)


@pytest.mark.parametrize(
    "broken", [b"no profile", profile("p3")[:200], profile("p3").replace(b"RGB ", b"CMYK")]
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_broken_profile_is_none(broken, mode):
    photo = NOISY.convert(mode)
    assert read_photo(saved(photo, "JPEG", icc_profile=broken), 100) == read_photo(saved(photo, "JPEG"), 100)


@pytest.mark.parametrize("bits", [8, 10, 11, 12, 13, 14, 16])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_of_any_depth_in_sixteen_bits(kind, bits):
    grey = np.asarray(PICTURE.convert("L"))
    levels = (grey.astype(float) / grey.max() * (2**bits - 1)).round().astype(np.uint16)
    expected = Image.fromarray((levels / (2**bits - 1) * 255).round().astype(np.uint8))
    assert close(read_photo(saved(Image.fromarray(levels), kind), 40), expected, by=1)


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("alpha", [False, True])
def test_colours_of_any_depth_in_sixteen_bits(bits, alpha):
    """The upper bytes alone are near black."""
    levels = (GRADIENT / GRADIENT.max() * (2**bits - 1)).round().astype(">u2")
    expected = Image.fromarray((GRADIENT / GRADIENT.max() * 255).round().astype(np.uint8))
    if alpha:
        levels = np.dstack([levels, np.full((40, 60), 65535)]).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    assert close(
        read_photo(png(60, 40, 16, 6 if alpha else 2, (b"IDAT", zlib.compress(rows))), 40), expected, by=1
    )


def test_shallow_colours_of_a_tiff():
    """Uncompressed, little-endian, 12 bits in 16; Pillow writes none."""
    levels = (GRADIENT / GRADIENT.max() * 4095).round().astype("<u2")
    entries = [
        (256, 3, 1, 60), (257, 3, 1, 40), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2),
        (273, 4, 1, 14), (277, 3, 1, 3), (278, 3, 1, 40), (279, 4, 1, levels.nbytes),
    ]  # fmt: skip
    table = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    whole = (
        b"II*\0" + struct.pack("<IHHH", 14 + levels.nbytes, 16, 16, 16) + levels.tobytes() + table + bytes(4)
    )
    expected = Image.fromarray((GRADIENT / GRADIENT.max() * 255).round().astype(np.uint8))
    assert close(read_photo(whole, 40), expected, by=1)


@pytest.mark.parametrize(
    "kind, mode", [("BMP", "RGBA"), ("PNG", "RGBA"), ("PNG", "LA"), ("WEBP", "RGBA"), ("TIFF", "RGBA")]
)
def test_alpha_that_is_zero_everywhere_is_none(kind, mode):
    layer = PICTURE.convert(mode)
    layer.putalpha(0)
    exact = {"exact": True, "lossless": True} if kind == "WEBP" else {}
    assert close(read_photo(saved(layer, kind, **exact), 40), PICTURE.convert(mode.rstrip("A")), by=1)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"])
def test_a_large_photo_shrinks_to_what_a_plain_resize_gives(mode):
    """By means of squares first, in strips; also where the last ones are cut."""
    large = PICTURE.resize((1237, 819), Image.Resampling.BICUBIC)
    if mode == "I;16":
        stored = Image.fromarray(np.asarray(large.convert("L")).astype(np.uint16) * 257)
        expected = large.convert("L")
    else:
        stored = large.convert(mode)
        expected = stored.convert("RGB")
    expected = expected.resize((60, 40), Image.Resampling.LANCZOS)
    assert close(read_photo(saved(stored, "PNG"), 40), expected, by=3)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "BMP", "TIFF", "MPO", "HEIF", "AVIF"])
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
    with pytest.raises(decoding.SejeError, match="damaged"):
        decode(b"no jpeg")
