"""What a photo's file may cost to decode, told from its bytes before any decoder sees them.

Decoders take minutes or gigabytes for some small files that keep to their format; what bounds the work is
counted here by walking the file's parts. Memory follows from the size in pixels (`memory`).
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from PIL import Image


class BadPhoto(ValueError):
    """Carries the reason why a photo cannot be used."""


# What decoding one photo may take, its file included: the photos of 48 million pixels that phones send, in
# every format but WebP and AVIF, which take most for each pixel.
MOST_MEMORY = 512 * 2**20
MOST_FILE = 128 * 2**20
# Pixels bound the time: the slowest decoders need about 60 ns for each.
MOST_PIXELS = 100_000_000
# The longer side that JPEG, in which photos are stored, can have.
LONGEST_SIDE = 65_500
# Progressive JPEG: encoders write 10 scans or so, optimising ones 20; each scan goes over all pixels again.
MOST_SCANS = 500
MOST_SCANNED = 1_500_000_000  # scans times pixels, at 1 ns each at worst
# Chunks of PNG, blocks of GIF, strips of TIFF, segments of JPEG: some microseconds of Python each.
MOST_PARTS = 100_000
MOST_SEGMENTS = 1000
MOST_HEADER = 32 * 2**20  # bytes before a JPEG's first scan, with which Pillow's work grows as the square
MOST_RUNS = 4 * 2**20  # bytes of run-length coded BMP, which Pillow reads one by one

# Bytes for each pixel at the peak of decoding, beyond those of the file. tests/photos/test_bounds.py.
BYTES_A_PIXEL = {"PNG": 5, "GIF": 5, "BMP": 5, "TIFF": 12, "WEBP": 17, "AVIF": 14, "HEIF": 10}
COEFFICIENT = 2  # bytes of a JPEG's coefficient, all of which are held where there are many scans


class Frame(NamedTuple):
    """A file that may be decoded: what to give the decoder, and what was seen on the way."""

    data: bytes
    scans: int = 1
    ended: bool = True  # whether a JPEG's mark of the end is there
    complete: bool = True  # whether a JPEG's scans, as far as they are there, bring every coefficient
    animated: bool = False  # told of GIF alone; Pillow tells it of other formats


def look(data: bytes) -> Frame:
    """Walk the parts of a photo's file; raises BadPhoto where decoding would cost too much."""
    if len(data) > MOST_FILE:
        raise BadPhoto("too large")
    walk = next((walk for start, walk in WALKS.items() if data.startswith(start)), Frame)
    try:
        return walk(data)
    except (IndexError, ValueError) as error:
        if isinstance(error, BadPhoto):
            raise
        raise BadPhoto("truncated") from None  # within the few bytes that a walk reads


def memory(image: Image.Image, size: tuple[int, int], frame: Frame) -> int:
    """Bytes that decoding takes, for an image not yet loaded; `size` is that of the file in pixels, of which
    the decoder of a JPEG may give less."""
    pixels = size[0] * size[1]
    if image.format in {"JPEG", "MPO"}:
        many = frame.scans > 1 or "progressive" in image.info
        coefficients = pixels * len(image.getbands()) * COEFFICIENT if many else 0
        return len(frame.data) + coefficients + 4 * image.width * image.height
    return 2 * len(frame.data) + pixels * BYTES_A_PIXEL[str(image.format)]


# A marker may have several bytes FF before it: with the last one alone a pattern begins with a byte, which is
# sought seventeen times as fast as a run, and other threads wait meanwhile.
SEGMENT = re.compile(rb"\xff([^\x00\xff])")
IN_SCAN = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
SCAN, END = 0xDA, 0xD9
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
ALONE = frozenset({0x01, *range(0xD0, 0xDA)})  # markers that no length follows


def _jpeg(data: bytes) -> Frame:
    scans = 0
    brought: dict[int, set[int]] = {}  # coefficients of each component that are there to the last bit
    for number, (marker, place) in enumerate(_segments(data)):
        segment = data[place + 2 : place + 300]
        if marker in FRAMES:
            brought = {component: set() for component in segment[6 : 6 + 3 * segment[5] : 3]}
        if marker == SCAN:
            scans += 1
            _bring(segment, brought)
        if marker == END:
            return Frame(data, scans)
        if not scans and (number > MOST_SEGMENTS or place > MOST_HEADER):
            raise BadPhoto("too many parts")
        if scans > MOST_SCANS:
            raise BadPhoto("too many scans")
    complete = scans > 0 and all(len(coefficients) == 64 for coefficients in brought.values())
    return Frame(data, scans, ended=False, complete=complete)


def _bring(scan: bytes, brought: dict[int, set[int]]) -> None:
    """Note what a scan, the segment before its data, brings: of its components, from the first to the last
    coefficient, all bits but the lowest ones."""
    count = scan[0]
    first, last, bits = scan[1 + 2 * count : 4 + 2 * count]
    if not bits & 15:
        for component in scan[1 : 1 + 2 * count : 2]:
            brought.get(component, set()).update(range(first, last + 1))


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Markers of a JPEG and where what belongs to them starts; those of restarts within a scan left out."""
    place, pattern = 2, SEGMENT
    while found := pattern.search(data, place):
        marker, place = found[1][0], found.end()
        yield marker, place
        pattern = IN_SCAN if marker == SCAN else SEGMENT
        if marker not in ALONE:
            place += int.from_bytes(data[place : place + 2], "big")


def _png(data: bytes) -> Frame:
    place = 8
    for _ in range(MOST_PARTS):
        if place >= len(data):
            return Frame(data)
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    raise BadPhoto("too many parts")


def _gif(data: bytes) -> Frame:
    """Keep what comes before the second frame: nobody looks at more."""
    blocks = _gif_blocks(data)
    first = next((place for kind, place in blocks if kind == b","), None)
    second = next((place for kind, place in blocks if kind == b","), None) if first else None
    return Frame(data[:second] + b";", animated=True) if second else Frame(data)


def _gif_blocks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Kinds of a GIF's blocks and where they stand."""
    place = 13 + _colours(data[10:11])
    parts = 0
    while (kind := data[place : place + 1]) in {b"!", b","}:
        yield kind, place
        place += 2 if kind == b"!" else 11 + _colours(data[place + 9 : place + 10])
        while length := int.from_bytes(data[place : place + 1]):
            place += 1 + length
            parts += 1
            if parts > 5 * MOST_PARTS:
                raise BadPhoto("too many parts")
        place += 1
        parts += 5  # an extension costs Pillow more than a block of pixels


def _colours(flags: bytes) -> int:
    """Bytes of the colour table that these flags tell."""
    told = int.from_bytes(flags)
    return 3 << (told & 7) + 1 if told & 0x80 else 0


def _bmp(data: bytes) -> Frame:
    if data[30:31] in {b"\1", b"\2"} and len(data) > MOST_RUNS:
        raise BadPhoto("too many parts")
    return Frame(data)


STRIPS, TILES, TILE_SIDES, COMPRESSION, AS_JPEG = 273, 324, (322, 323), 259, frozenset({6, 7})


def _tiff(data: bytes) -> Frame:
    """Count the strips or tiles of the first image, and the scans where they are JPEG."""
    order = "little" if data[:2] == b"II" else "big"

    def number(place: int, length: int) -> int:
        """Read an unsigned number."""
        return int.from_bytes(data[place : place + length], order)  # type: ignore[arg-type]

    start = number(4, 4)
    counts, values = {}, {}
    for entry in range(start + 2, start + 2 + 12 * number(start, 2), 12):
        tag, kind = number(entry, 2), number(entry + 2, 2)
        counts[tag] = number(entry + 4, 4)
        values[tag] = number(entry + 8, 2 if kind == 3 else 4)
    parts = max(counts.get(STRIPS, 0), counts.get(TILES, 0))
    if parts > MOST_PARTS:
        raise BadPhoto("too many parts")
    width, height = (values.get(side, 1) for side in TILE_SIDES)
    if width * height > MOST_PIXELS:
        raise BadPhoto("too large")
    if values.get(COMPRESSION) in AS_JPEG and data.count(b"\xff\xda") > parts + MOST_SCANS:
        raise BadPhoto("too many scans")
    return Frame(data)


WALKS: dict[bytes, Callable[[bytes], Frame]] = {
    b"\xff\xd8\xff": _jpeg,
    b"\x89PNG\r\n\x1a\n": _png,
    b"GIF8": _gif,
    b"BM": _bmp,
    b"II*\0": _tiff,
    b"MM\0*": _tiff,
}
