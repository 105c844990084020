"""Records of a JSON file as a stream: a JSON array or JSON Lines, plain or gzip, in any UTF.

Python's own decoder reads what others refuse (NaN, numbers of any size, halves of characters) and says where
a value ends, so that no more than a window of the file is held. What cannot be read costs that record alone
as long as its brackets and quotes tell where it ends; in JSON Lines, always.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Any

from seje.corpus.brackets import Brackets
from seje.errors import SejeError

# Characters of one record. Held are two windows of it and the record itself: 200 MB at most.
LONGEST = 2**23
CHUNK = 2**16
_SEPARATORS = re.compile(r"[\s,]*")
# Numbers are no matter here; as floats they can have any number of digits. Tabs and NUL may stand in strings.
_DECODER = json.JSONDecoder(strict=False, parse_int=float)
_FOREIGN = {
    b"PK\x03\x04": "a ZIP archive: unpack it",
    b"BZh": "compressed by bzip2: unpack it, or use gzip",
    b"\xfd7zXZ": "compressed by xz: unpack it, or use gzip",
    b"\x28\xb5\x2f\xfd": "compressed by zstd: unpack it, or use gzip",
    b"7z\xbc\xaf": "a 7-Zip archive: unpack it",
    b"PAR1": "a Parquet table: put it into a folder layer1/, its name ending in .parquet",
    b"SQLite format 3": "a database: write its rows as JSON Lines",
    b"version https://git-lfs": "a pointer of Git LFS: get the file itself by `git lfs pull`",
    b"<": "a web page or XML: get the file itself",
}


@dataclass(frozen=True)
class Unread:
    """A record that cannot be read, and why."""

    reason: str


BROKEN = Unread("broken JSON")
NOT_UTF8 = Unread("not UTF-8")
TOO_LONG = Unread(f"more than {LONGEST} characters")


class _Cut(Exception):
    """The file ends within a record or an array."""


def read_records(path: Path) -> Iterator[Any]:
    """Yield the records in order, and Unread in place of one that cannot be read.

    Raises SejeError where the file is of another kind, or ends too early.
    """
    read = 0
    try:
        with path.open("rb") as file:
            for record in _records(_unpacked(file, path), path):
                read += 1
                yield record
    except _Cut:
        raise SejeError(
            f"{path}: broken JSON after {read} records: the file ends before the next one or the array does; "
            "if a download was cut off fetch it again, else a quote or bracket is missing there"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SejeError(
            f"{path}: broken gzip after {read} records ({error}): fetch it again, or pack it again"
        ) from None
    except OSError as error:
        raise SejeError(f"{path}: cannot be read after {read} records ({error.strerror or error})") from None


def _unpacked(file: BufferedReader, path: Path) -> TextIOWrapper:
    packed = file.peek(2).startswith(b"\x1f\x8b")
    plain: Any = gzip.open(file) if packed else file  # noqa: SIM115, closed with the file
    head = plain.peek(512)
    kind = next((kind for magic, kind in _FOREIGN.items() if head.lstrip().startswith(magic)), None)
    if kind:
        raise SejeError(f"{path}: not JSON but {kind}")
    encoding = json.detect_encoding(head)
    # What is not UTF-8 is marked, and found record by record.
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    return TextIOWrapper(plain, encoding, errors, newline="\n")


def _records(stream: TextIOWrapper, path: Path) -> Iterator[Any]:
    window = _Window(stream)
    sign = window.next()
    if sign == "[":
        window.at += 1
        return _array(window, path)
    if sign == "{":
        return _lines(window, path)
    raise SejeError(
        f"{path}: {f'begins with {sign!r}' if sign else 'is empty'}: it needs a JSON array of records, or "
        "JSON Lines, a record a line, in UTF-8"
    )


class _Window:
    """The part of a text that is held: from the record at `at` on."""

    def __init__(self, stream: TextIOWrapper) -> None:
        self._stream = stream
        self.text, self.at = "", 0

    def more(self) -> bool:
        """Let go of what lies behind and read on, the more the longer the record; False at the end."""
        new = self._stream.read(max(CHUNK, len(self.text) - self.at))
        self.text, self.at = self.text[self.at :] + new, 0
        return bool(new)

    def next(self) -> str:
        """Go to the next record; its first character, or "" at the end."""
        while True:
            self.at = _SEPARATORS.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""


def _array(window: _Window, path: Path) -> Iterator[Any]:
    while (sign := window.next()) != "]":
        if not sign:
            raise _Cut
        yield _item(window)
    window.at += 1
    if window.next():
        raise SejeError(f"{path}: goes on behind the bracket that closes its array: it needs one array")


def _item(window: _Window) -> Any:
    while True:
        start = window.at
        end = 0
        try:
            record, end = _DECODER.raw_decode(window.text, start)
        except (ValueError, RecursionError) as error:
            record, found = _unread(error), Brackets().end(window.text, start)
        else:
            found = end if end < len(window.text) else None
            if found and isinstance(record, float) and window.text[end] not in ",] \t\r\n":
                record, end = BROKEN, 0  # or the number goes on beyond the window
                found = Brackets().end(window.text, start)
        if found is not None:
            window.at = found
            return record if _is_decoded(window.text[start:found]) else NOT_UTF8
        if len(window.text) - start > LONGEST:
            _skip(window)
            return TOO_LONG
        if not window.more():
            if not end:
                raise _Cut
            window.at = len(window.text)
            return record


def _skip(window: _Window) -> None:
    """Go to the end of a record that is too long to be held."""
    brackets = Brackets()
    while (end := brackets.end(window.text, window.at)) is None:
        window.at = len(window.text)
        if not window.more():
            raise _Cut
    window.at = end


def _lines(window: _Window, path: Path) -> Iterator[Any]:
    lines, broken = 0, True
    while window.next():
        lines += 1
        while (end := window.text.find("\n", window.at)) < 0 and len(window.text) - window.at <= LONGEST:
            if not window.more():
                break
        if end < 0 and len(window.text) - window.at > LONGEST:
            _skip_line(window)
            yield TOO_LONG
            continue
        line = window.text[window.at : end if end >= 0 else None]
        window.at += len(line)
        record = _line(line)
        broken &= record == BROKEN
        if end < 0 and isinstance(record, Unread) and not (broken and lines > 1):
            raise _Cut
        yield record
    if broken:
        raise SejeError(f"{path}: no line is a record: it needs a JSON array, or JSON Lines, a record a line")


def _line(line: str) -> Any:
    try:
        record = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        return _unread(error)
    return record if _is_decoded(line) else NOT_UTF8


def _skip_line(window: _Window) -> None:
    while (end := window.text.find("\n", window.at)) < 0:
        window.at = len(window.text)
        if not window.more():
            return
    window.at = end


def _unread(error: Exception) -> Unread:
    return Unread("nested too deep") if isinstance(error, RecursionError) else BROKEN


def _is_decoded(text: str) -> bool:
    """Whether no byte of a text had to be marked as undecodable."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False
