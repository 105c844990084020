"""The engine of one machine: worker processes, which are started again where they die."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from seje.data.parallel import end_with_parent
from seje.errors import SejeError
from seje.progress import hush
from seje.shards.work import ATTEMPTS, THREADS, Task

U = TypeVar("U")

_worker: Callable[[Task], Any] | None = None  # of this process


def run(make: Callable[[], Callable[[Task], U]], tasks: Sequence[Task], processes: int) -> Iterator[U]:
    """Yield what a worker gives for each task, in order; `make()`, to be pickled, gives each process its own.

    Tasks are handed out two for each process ahead. An error of the work is raised here, as it is; a worker
    that dies is replaced, and its task tried again.
    """
    from pebble import ProcessPool

    if not tasks:
        return
    processes = min(processes, len(tasks))
    share = str(max(1, (os.cpu_count() or 1) // processes))
    # Spawned, not forked: a fork beside torch's or Arrow's threads can hang.
    spawned = multiprocessing.get_context("spawn")
    pool = ProcessPool(processes, initializer=_start, initargs=(make, share), context=spawned)
    try:
        waiting = iter(tasks)
        ahead = deque((task, pool.schedule(_run, [task])) for task in islice(waiting, 2 * processes))
        while ahead:
            task, future = ahead.popleft()
            yield _outcome(pool, task, future)
            ahead.extend((next_, pool.schedule(_run, [next_])) for next_ in islice(waiting, 1))
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _outcome(pool: Any, task: Task, future: Any) -> Any:
    from pebble import ProcessExpired

    while True:
        try:
            return future.result()
        except ProcessExpired as death:
            task = again(task, f"exit code {death.exitcode}")
            future = pool.schedule(_run, [task])


def again(task: Task, how: str) -> Task:
    """The next attempt at a task whose worker died; raises SejeError where there were enough of them."""
    if task.attempt + 1 == ATTEMPTS:
        raise SejeError(
            f"shard {task.number}: {ATTEMPTS} workers have died of it ({how}): is there memory for so many "
            "workers? What is done is kept: the same command goes on from here"
        )
    return task._replace(attempt=task.attempt + 1)


def _start(make: Callable[[], Callable[[Task], Any]], threads: str) -> None:
    global _worker
    end_with_parent()
    os.environ[THREADS] = threads
    hush()
    _worker = make()


def _run(task: Task) -> Any:
    assert _worker is not None
    return _worker(task)
