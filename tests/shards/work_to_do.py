"""Work for the tests of the engines; a module of its own, so that workers can import it."""

import os
import signal
from pathlib import Path
from uuid import uuid4

import numpy as np

from seje.errors import SejeError
from seje.shards.work import Made, Notes, Task, threads


class Squares:
    """Writes the squares of a shard's rows; some of them fail, or kill their worker.

    Args:
        folder: where a file is left for each call, so that tests can count them.
        deadly: the row that kills its worker, so often.
        deaths: how often.
        wrong: the row at which an error is raised.
        error: its kind.
        frail: whether the first worker dies while it is made.
    """

    def __init__(self, folder, deadly=-1, deaths=0, wrong=-1, error=SejeError, frail=False):
        self.folder, self.deadly, self.deaths, self.wrong = Path(folder), deadly, deaths, wrong
        self.error = error
        if frail and not list(self.folder.glob("made-*")):
            (self.folder / "made-first").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        (self.folder / f"made-{os.getpid()}-{uuid4().hex}").touch()

    def reads(self, task: Task) -> str:
        read = self.folder / "read"
        return read.read_text() if read.exists() else ""

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        number = len(list(self.folder.glob(f"call-{task.number}-*")))
        (self.folder / f"call-{task.number}-{number}").touch()
        aside = []
        for row in range(task.first, task.first + task.rows):
            if notes.deadly(str(row)):
                aside.append(row)
                continue
            with notes.at(str(row)):
                if row == self.wrong:
                    raise self.error(f"row {row} is wrong")
                if row == self.deadly and number < self.deaths:
                    os.kill(os.getpid(), signal.SIGKILL)
        rows = np.setdiff1d(np.arange(task.first, task.first + task.rows), aside)
        np.save(folder / "squares.npy", rows**2)
        return Made({"squares.npy": len(rows)}, {"aside": aside})


def seen(task: Task) -> tuple[int, str, int]:
    """Which worker this is, the devices that it sees, the threads that it may use."""
    return os.getpid(), os.environ.get("CUDA_VISIBLE_DEVICES", ""), threads()


def seer():
    return seen
