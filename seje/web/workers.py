"""Processes that serve at the same sockets, and the one that watches over them.

They are spawned, since a fork beside torch's threads can hang. Each maps the index and the photos into its
memory, of which the system keeps one copy for all.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from seje.errors import SejeError

Work = Callable[[Callable[[], None]], None]  # serves until it is told to stop; calls back once it does serve
ENDING = 5  # seconds beyond the grace of requests, until a worker is killed
SPAWN = get_context("spawn")
log = logging.getLogger("uvicorn.error")


class _Stop(Exception):
    """The command was told to stop."""


def run(work: Work, count: int, grace: float, all_serve: Callable[[], None]) -> None:
    """Let `count` processes do the work until told to stop; one that dies is started again.

    Raises SejeError where one cannot begin: then none is left, and it is said once.

    Args:
        work: to be pickled.
        count: how many.
        grace: seconds that a worker takes to end what it has begun.
        all_serve: called when all serve for the first time.
    """
    workers: dict[Connection, SpawnProcess] = {}
    with _stopping():
        try:
            for _ in range(count):
                workers |= _start(work)
            _watch(workers, work, all_serve)
        except _Stop:
            log.info("Stopping %d workers", len(workers))
        finally:
            _end(list(workers.values()), grace + ENDING)


def _watch(workers: dict[Connection, SpawnProcess], work: Work, all_serve: Callable[[], None]) -> None:
    count, serving = len(workers), set[int | None]()
    while True:
        for told in wait(list(workers)):
            assert isinstance(told, Connection)
            process = workers[told]
            try:
                reason = told.recv()
            except EOFError:
                process.join()
                if process.pid not in serving:
                    raise SejeError(f"serve: a worker ended before it served ({_how(process)})") from None
                log.warning("Worker %d ended (%s): another is started", process.pid, _how(process))
                del workers[told]
                _forget(process.pid)
                workers |= _start(work)
                continue
            if reason:
                raise SejeError(reason)
            serving.add(process.pid)
            if len(serving) == count:
                all_serve()


def _start(work: Work) -> dict[Connection, SpawnProcess]:
    """Start a worker; gives it by the pipe that it tells through, whose end is its own."""
    told, telling = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=_run, args=(work, telling), daemon=True)
    # Ctrl-C goes to all processes of a terminal: until a worker serves, and can end well, it ignores that.
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.start()
    finally:
        signal.signal(signal.SIGINT, handler)
    telling.close()
    return {told: process}


def _run(work: Work, telling: Connection) -> None:
    """Be a worker; tells None once it serves, or why it cannot."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        work(lambda: telling.send(None))
    except SejeError as reason:
        telling.send(str(reason))
    except OSError as reason:
        telling.send(f"serve: {reason.strerror or reason}")


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _stopping() -> Iterator[None]:
    """Raise _Stop, once, where the process is told to end."""
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop(*_: object) -> None:
        """Raise _Stop."""
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise _Stop

    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(processes: list[SpawnProcess], seconds: float) -> None:
    """End processes: at their leisure first, then at once."""
    for process in processes:
        process.terminate()
    end = time.monotonic() + seconds
    for process in processes:
        process.join(max(0, end - time.monotonic()))
        process.kill()
        process.join()


def _forget(pid: int | None) -> None:
    """Drop what a dead worker had in work from the measures; what it did stays counted."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _how(process: SpawnProcess) -> str:
    code = process.exitcode or 0
    return f"signal {-code}" if code < 0 else f"exit code {code}"
