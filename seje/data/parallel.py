"""Work on chunks in several processes: results in order, few chunks in flight, memory bounded."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")

_worker: Callable[[Any], Any] | None = None  # of this process, made once


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut into lists of `size` items, the last one shorter."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def map_chunks(make: Callable[[], Callable[[T], U]], items: Iterable[T], processes: int) -> Iterator[U]:
    """Yield what `make()` gives for each item, in order; each process calls `make`, to be pickled, once.

    With one process all happens in this one. The results are the same for any number.
    """
    if processes == 1:
        yield from map(make(), items)
        return
    remaining = iter(items)
    # Spawned, not forked: a fork beside torch's or Arrow's threads can hang.
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (make,)) as pool:
        ahead: deque[Future[U]] = deque(pool.submit(_run, item) for item in islice(remaining, 2 * processes))
        while ahead:
            done = ahead.popleft().result()
            ahead.extend(pool.submit(_run, item) for item in islice(remaining, 1))
            yield done


def _start(make: Callable[[], Callable[[Any], Any]]) -> None:
    global _worker
    _worker = make()


def _run(item: Any) -> Any:
    assert _worker is not None
    return _worker(item)
