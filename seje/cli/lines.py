"""Lines that a user gives, as bytes: those that are no text are told by their number, the others are used."""

from collections.abc import Callable, Iterable, Iterator


def decoded(lines: Iterable[bytes], refuse: Callable[[int], None]) -> Iterator[str]:
    """Yield lines of UTF-8, with or without a byte order mark; `refuse` gets the number of any other."""
    for number, line in enumerate(lines, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            refuse(number)
