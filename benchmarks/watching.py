"""What processes take: the memory that they hold, the seconds of processors that they use."""

import threading
import time
from types import TracebackType

import psutil

EVERY = 0.3  # seconds between two looks


def held(process: psutil.Process) -> int:
    """Bytes that a process and its children hold, each page once."""
    return sum(map(_pages, [process, *process.children(recursive=True)]))


def _pages(process: psutil.Process) -> int:
    """Bytes of a process; pages that it shares count in part (proportional set size)."""
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


class Watch:
    """Watches the processes below this one while a block runs.

    Afterwards `wall` and `cpu` are seconds, `peak` is the most bytes that they held together. What a process
    does between the last look and its end is not seen.
    """

    def __enter__(self) -> "Watch":
        self._used: dict[tuple[int, float], float] = {}
        self._end = threading.Event()
        self._start, self.peak = time.monotonic(), 0
        self._before = self._look()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._watcher.join()
        self.wall = time.monotonic() - self._start
        self.cpu = self._look() - self._before

    def _watch(self) -> None:
        while not self._end.wait(EVERY):
            self._look()

    def _look(self) -> float:
        """Look at what is there; the seconds that all have used that were ever seen."""
        there = psutil.Process().children(recursive=True)
        for process in there:
            try:
                used = process.cpu_times()
                self._used[process.pid, process.create_time()] = used.user + used.system
            except psutil.NoSuchProcess:
                continue
        self.peak = max(self.peak, sum(map(_pages, there)))
        return sum(self._used.values())
