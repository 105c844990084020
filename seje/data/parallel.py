"""Work in several threads or processes: results in order, few items in flight, memory bounded."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")

_worker: Callable[[Any], Any] | None = None  # of this process, made once


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut into lists of `size` items, the last one shorter."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def map_threads(function: Callable[[T], U], items: Iterable[T], threads: int) -> Iterator[U]:
    """Yield the function's results in order; for what waits, or lets go of Python's lock."""
    with ThreadPoolExecutor(threads) as pool:
        yield from _in_order(pool, function, items, 4 * threads)


def map_processes(make: Callable[[], Callable[[T], U]], items: Iterable[T], processes: int) -> Iterator[U]:
    """Yield what `make()` gives for each item, in order; each process calls `make`, to be pickled, once.

    With one process all happens in this one. The results are the same for any number.
    """
    if processes == 1:
        yield from map(make(), items)
        return
    # Spawned, not forked: a fork beside torch's or Arrow's threads can hang.
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (make,)) as pool:
        yield from _in_order(pool, _run, items, 2 * processes)


def _in_order(pool: Executor, function: Callable[[T], U], items: Iterable[T], most: int) -> Iterator[U]:
    """Yield results in order, with `most` items at once in the pool's hands."""
    remaining = iter(items)
    ahead: deque[Future[U]] = deque(pool.submit(function, item) for item in islice(remaining, most))
    while ahead:
        done = ahead.popleft().result()
        ahead.extend(pool.submit(function, item) for item in islice(remaining, 1))
        yield done


def end_with_parent() -> None:
    """Have this process end when the one that started it is gone, however it went."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    if parent := parent_process():
        wait([parent.sentinel])
        os._exit(1)


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    global _worker
    end_with_parent()
    _worker = make()


def _run(item: Any) -> Any:
    assert _worker is not None
    return _worker(item)
