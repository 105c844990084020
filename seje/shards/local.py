"""The engine of one machine: worker processes, which are started again where they die.

No pool of a library is behind it: in Python's own a death breaks the pool and says not whose it was, and the
one that was here before, pebble, waits for ever for a task whose worker dies as it takes it.
"""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from seje.data.parallel import end_with_parent
from seje.errors import SejeError
from seje.progress import hush
from seje.shards.work import ATTEMPTS, THREADS, Task

U = TypeVar("U")

SPAWNED = multiprocessing.get_context("spawn")  # a fork beside torch's or Arrow's threads can hang


def run(make: Callable[[], Callable[[Task], U]], tasks: Sequence[Task], processes: int) -> Iterator[U]:
    """Yield what a worker gives for each task, in order; `make()`, to be pickled, gives each process its own.

    Results that wait for their turn are two for each process at most. An error of the work is raised here, as
    it is; a worker that dies is replaced, and its task tried again.
    """
    processes = min(processes, len(tasks))
    threads = str(max(1, (os.cpu_count() or 1) // max(1, processes)))
    workers = [_Worker(make, threads) for _ in range(processes)]
    waiting, done = list(enumerate(tasks))[::-1], dict[int, U]()
    try:
        for number in range(len(tasks)):
            while number not in done:
                for worker in workers:
                    if worker.free and waiting and waiting[-1][0] < number + 2 * processes:
                        worker.give(*waiting.pop())
                done.update(_taken(workers))
            yield done.pop(number)
    finally:
        for worker in workers:
            worker.kill()


def _taken(workers: Sequence["_Worker"]) -> Iterator[tuple[int, Any]]:
    """Wait for a worker; yield the results that are there."""
    ready = wait([worker.pipe for worker in workers if not worker.free])
    for worker in workers:
        if worker.pipe in ready:
            number, task = worker.task
            try:
                result, error = worker.take()
            except (EOFError, OSError):
                worker.replace()
                worker.give(number, again(task, f"exit code {worker.died}"))
                continue
            if error:  # of the work, an OSError too
                raise error
            yield number, result


class _Worker:
    """A process that works on one task after the other."""

    def __init__(self, make: Callable[[], Callable[[Task], Any]], threads: str) -> None:
        self._given = make, threads
        self.free, self.died = True, 0
        self._start()

    def _start(self) -> None:
        self.pipe, theirs = SPAWNED.Pipe()
        self._process = SPAWNED.Process(target=_work, args=(*self._given, theirs), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends with the process

    def give(self, number: int, task: Task) -> None:
        """Have it work on a task."""
        self.free, self.task = False, (number, task)
        with suppress(OSError):  # it is dead: `take` says so
            self.pipe.send(task)

    def take(self) -> tuple[Any, Exception | None]:
        """The result of its task, or the error of the work; raises EOFError or OSError where it has died."""
        answer: tuple[Any, Exception | None] = self.pipe.recv()
        self.free = True
        return answer

    def replace(self) -> None:
        """Start another process in place of one that has died."""
        self._process.join()
        self.died = self._process.exitcode or 0
        self.pipe.close()
        self._start()

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


def again(task: Task, how: str) -> Task:
    """The next attempt at a task whose worker died; raises SejeError where there were enough of them."""
    if task.attempt + 1 == ATTEMPTS:
        raise SejeError(
            f"shard {task.number}: {ATTEMPTS} workers have died of it ({how}): is there memory for so many "
            "workers? What is done is kept: the same command goes on from here"
        )
    return task._replace(attempt=task.attempt + 1)


def _work(make: Callable[[], Callable[[Task], Any]], threads: str, pipe: Connection) -> None:
    """Answer each task by its result, or the error that it raised."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this process
    end_with_parent()
    os.environ[THREADS] = threads
    hush()
    worker = None
    while True:
        task = pipe.recv()
        try:
            worker = make() if worker is None else worker
            result, failed = worker(task), None
        except Exception as error:
            if not isinstance(error, SejeError):
                error.add_note(traceback.format_exc())  # which pickle does not keep
            result, failed = None, error
        pipe.send((result, failed))
