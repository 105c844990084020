"""Progress of long work: a bar on a terminal, sparse plain lines elsewhere (DVC logs, CI)."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import TypeVar

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

T = TypeVar("T")
console = Console(stderr=True, highlight=False)
SECONDS_BETWEEN_LINES = 10.0
ROWS = 15  # of a live table: no terminal is too low for it

_shown = False  # whether other items' progress is shown, or is in the process that started this one


def track(
    items: Iterable[T], description: str, total: int | None = None, told: Callable[[], str] = str
) -> Iterator[T]:
    """Yield the items and show how many of `total` (`len(items)` if not given) have passed.

    What `told` says at that time is shown beside it. Within another one nothing is shown.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    if total == 1 or _shown:  # no progress to show
        return iter(items)
    show = _bar if console.is_terminal else _lines
    return _outer(show(items, description, total, told))


def hush() -> None:
    """Show no progress of this process: it works for another one, which does."""
    global _shown
    _shown = True


def _outer(items: Iterator[T]) -> Iterator[T]:
    global _shown
    _shown = True
    try:
        yield from items
    finally:
        _shown = False


def say(message: str) -> None:
    """Print one line for the reader of the log."""
    console.print(message, markup=False, soft_wrap=True)


def tabulate(items: Iterable[T], cells: Callable[[T], Mapping[str, str]]) -> Iterator[T]:
    """Yield the items, and show each, once it is dealt with, by its cells: {column: text}.

    On a terminal the last of them stand in a live table; elsewhere each is a plain line.
    """
    if not console.is_terminal:
        for item in items:
            yield item
            say(" ".join(f"{name} {text}" for name, text in cells(item).items()))
        return
    rows: list[Mapping[str, str]] = []
    with Live(console=console, auto_refresh=False) as live:
        for item in items:
            yield item
            rows = [*rows, cells(item)][-ROWS:]
            live.update(_table(rows), refresh=True)


def _table(rows: list[Mapping[str, str]]) -> Table:
    table = Table(*rows[0], box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*row.values())
    return table


def _bar(items: Iterable[T], description: str, total: int | None, told: Callable[[], str]) -> Iterator[T]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[told]}"), console=console) as progress:
        task = progress.add_task(description, total=total, told="")
        for item in items:
            yield item
            progress.update(task, advance=1, told=told())


def _lines(items: Iterable[T], description: str, total: int | None, told: Callable[[], str]) -> Iterator[T]:
    start = last = time.monotonic()
    count = 0
    for count, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            last = now
            speed = told() or f"{count / (now - start):.1f}/s"
            say(f"{description}: {count}{f' of {total}' if total else ''}, {speed}")
    say(f"{description}: {count} in {time.monotonic() - start:.1f} s")
