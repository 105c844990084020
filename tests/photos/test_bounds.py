"""What one photo may cost, measured in processes of their own."""

import io
import json
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
from PIL import Image
from pillow_heif import register_heif_opener

from seje.photos import bounds
from seje.photos.bounds import MOST_MEMORY, BadPhoto, look
from seje.photos.decoding import read_photo

register_heif_opener()

COST = """
import io, json, re, sys, time
import numpy as np
from PIL import Image
from seje.photos.decoding import BadPhoto, read_photo
first = io.BytesIO()
Image.linear_gradient("L").save(first, "JPEG")
read_photo(first.getvalue(), 64)  # what is imported is not the photo's
def peak():  # getrusage would tell that of the parent too
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
before, start = peak(), time.process_time()
data = sys.stdin.buffer.read()
try:
    said = str(read_photo(data, 256).size)
except BadPhoto as reason:
    said = str(reason)
print(json.dumps([said, peak() - before, time.process_time() - start]))
"""
SLACK = 24 * 2**20  # of what libraries keep, and of the strips


def cost(data: bytes) -> tuple[str, int, float]:
    """Open a photo in a fresh process: what came of it, bytes that it took, seconds of the processor."""
    done = subprocess.run([sys.executable, "-c", COST], input=data, capture_output=True, check=True)
    said, taken, seconds = json.loads(done.stdout)
    return said, taken, seconds


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    small = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, depth: int, colour: int, rows: int | None = None) -> bytes:
    """A PNG of gradients, by rows: Pillow would need its pixels whole."""
    bands = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    packer = zlib.compressobj(1)
    across = (np.arange(width * bands) * 4000 // (width * bands)).astype(">u2" if depth == 16 else np.uint8)
    row = b"\0" + across.tobytes()
    body = b"".join(packer.compress(row) for _ in range(rows or height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "kind, mode, options",
    [
        ("JPEG", "RGB", {"quality": 85}),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", "CMYK", {"progressive": True}),
        ("PNG", "RGB", {"compress_level": 1}),
        ("PNG", "RGBA", {"compress_level": 1}),
        ("PNG", "LA", {"compress_level": 1}),
        ("PNG", "P", {"compress_level": 1}),
        ("WEBP", "RGB", {"method": 0}),
        ("WEBP", "RGBA", {"lossless": True, "method": 0, "quality": 0}),
        ("AVIF", "RGB", {"speed": 10, "subsampling": "4:4:4"}),
        ("HEIF", "RGB", {"quality": 30, "chroma": 444}),
        ("GIF", "L", {}),
        ("BMP", "RGB", {}),
        ("BMP", "RGBA", {}),
        ("TIFF", "RGB", {}),
        ("TIFF", "RGBA", {"compression": "tiff_lzw"}),
        ("TIFF", "F", {"compression": "tiff_lzw"}),
        ("TIFF", "LAB", {}),
        ("TIFF", "CMYK", {"compression": "jpeg"}),
    ],
    ids=str,
)
def test_no_photo_takes_more_than_is_foretold(kind, mode, options):
    image = picture(2000, 1600) if kind != "HEIF" else picture(1500, 1200)  # its encoder is slow
    image = Image.fromarray(np.asarray(image.convert("F")) / 255) if mode == "F" else image
    if mode == "LAB":
        from PIL import ImageCms

        spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(image, *spaces, outputMode="LAB")
    elif mode != "F":
        image = image.convert(mode)
    data = saved(image, kind, **options)
    with Image.open(io.BytesIO(data)) as opened:
        whole = opened.size
        if kind == "JPEG":
            opened.draft(None, (512, 512))
        foretold = bounds.memory(opened, whole, look(data))
    said, taken, _ = cost(data)
    assert said == "(320, 256)"
    assert taken <= foretold + SLACK


def test_sixteen_bits_of_fifty_million_pixels():
    """113 kB that took 1.4 GB."""
    said, taken, seconds = cost(png(7070, 7070, 16, 0))
    assert said == "(256, 256)" and taken <= 256 * 2**20


@pytest.mark.parametrize("colour", [2, 6])
def test_shallow_colours_are_decoded_twice_within_the_bound(colour):
    said, taken, _ = cost(png(3000, 2500, 16, colour))
    assert said == "(307, 256)" and taken <= 3000 * 2500 * 8 + SLACK
    with pytest.raises(BadPhoto, match="too large"):
        read_photo(png(10_000, 7_500, 16, colour, rows=1), 256)


@pytest.mark.slow
@pytest.mark.parametrize("width, height", [(700, 50_000), (50_000, 700), (700, 90_000), (9900, 9900)])
def test_what_is_long_costs_no_more(width, height):
    said, taken, _ = cost(png(width, height, 8, 6))
    assert (said.startswith("(") or said == "too large") and taken <= MOST_MEMORY


def test_what_would_take_more_is_refused_unread():
    header = struct.pack("<II", 24, 0)[:4] + b"\x10\0\0\0" + (8191).to_bytes(3, "little") * 2
    webp = b"VP8X" + struct.pack("<I", 10) + header[4:]
    canvas = b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp
    for data in (png(10_001, 10_000, 8, 0, rows=1), canvas + saved(picture(64, 64), "WEBP")[12:]):
        said, taken, _ = cost(data)
        assert said in {"too large", "truncated", "broken"} and taken < 32 * 2**20


def scans(count: int, side: int) -> bytes:
    """A progressive JPEG, grey, whose scans but the first say of every block that nothing is left."""

    def segment(marker: int, data: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data

    blocks = (side // 8) ** 2
    assert blocks < 32_768
    run = f"0{blocks - 16_384:014b}1" if blocks >= 16_384 else "10" * blocks
    run += "1" * (-len(run) % 8)
    bits = bytes(int(run[place : place + 8], 2) for place in range(0, len(run), 8))
    tables = segment(0xC4, b"\0" + bytes([1] + [0] * 15) + b"\0")
    tables += segment(0xC4, b"\x10" + bytes([1, 1] + [0] * 14) + b"\xe0\0")
    whole = b"\xff\xd8" + segment(0xDB, b"\0" + bytes([1] * 64))
    whole += segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + bytes([1, 0x11, 0])) + tables
    whole += segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + bytes(blocks // 8 + 1)
    scan = segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + bits.replace(b"\xff", b"\xff\0")
    return whole + scan * count + b"\xff\xd9"


def test_a_jpeg_of_too_many_scans_is_refused_unread():
    assert look(scans(20, 1024)).scans == 21
    start = time.process_time()
    with pytest.raises(BadPhoto, match="too many scans"):
        read_photo(scans(3000, 1024), 256)
    assert time.process_time() - start < 5  # far from what the decoder would need; no measure of speed
    with pytest.raises(BadPhoto, match="one colour"):
        read_photo(scans(20, 1024), 256)


def test_scans_are_bounded_by_the_pixels_too(monkeypatch):
    photo = saved(picture(640, 480), "JPEG", progressive=True)
    assert read_photo(photo, 256)
    monkeypatch.setattr("seje.photos.decoding.MOST_SCANNED", 640 * 480 * 9)
    with pytest.raises(BadPhoto, match="too many scans"):
        read_photo(photo, 256)


def test_scans_of_a_preview_or_of_what_follows_do_not_count():
    """A thumbnail within the segments, other photos and films after the end."""
    inner = saved(picture(64, 48), "JPEG", progressive=True)
    photo = saved(picture(640, 480), "JPEG", comment=inner, progressive=True) + inner * 60
    assert look(photo).scans == 10 and look(photo).ended
    assert read_photo(photo, 256)


PNG = png(300, 300, 8, 2)
JPEG = saved(picture(320, 240), "JPEG")
GIF = saved(picture(320, 240), "GIF")
TABLE = 13 + (3 << ((GIF[10] & 7) + 1))


@pytest.mark.parametrize(
    "data",
    [
        PNG[:33] + chunk(b"abCd", b"") * 110_000 + PNG[33:],
        PNG[:-12] + chunk(b"abCd", b"") * 110_000 + PNG[-12:],
        JPEG[:2] + b"\xff\xe5\0\2" * 2000 + JPEG[2:],
        JPEG[:2] + (b"\xff\xe1\xff\xff" + bytes(65_533)) * 600 + JPEG[2:],
        GIF[:TABLE] + b"!\xfe\1a\0" * 200_000 + GIF[TABLE:],
        b"BM"
        + bytes(12)
        + struct.pack("<IiiHHIIiiII", 40, 99, 99, 1, 8, 1, 0, 0, 0, 0, 0)
        + bytes(5_000_000),
    ],
    ids=["chunks before", "chunks after", "segments", "header", "comments", "runs"],
)
def test_a_photo_of_too_many_parts_is_refused(data):
    with pytest.raises(BadPhoto, match="too many parts"):
        read_photo(data, 256)


def tiff(*entries: tuple[int, int, int, int]) -> bytes:
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + table + bytes(4)


@pytest.mark.parametrize(
    "entry, reason",
    [
        ((273, 4, 10_000_000, 0), "too many parts"),
        ((324, 4, 10_000_000, 0), "too many parts"),
        ((322, 4, 1, 1 << 30), "too large"),
    ],
)
def test_a_tiff_whose_parts_cost_too_much_is_refused(entry, reason):
    with pytest.raises(BadPhoto, match=reason):
        read_photo(tiff((256, 4, 1, 100), (257, 4, 1, 100), entry), 256)


def test_of_an_animation_no_more_than_the_first_frame_is_given_to_the_decoder():
    frames = [picture(200, 100).rotate(angle) for angle in range(5)]
    whole = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    frame = look(whole)
    assert frame.animated and len(frame.data) < len(whole) / 3
    assert not look(saved(frames[0], "GIF")).animated
