"""What a worker does with a shard, the same on every engine.

An engine gives a worker one task after another. If the worker dies, the task is tried again, `careful`: the
work then notes what it is about to touch, so that what kills workers is known by the next attempt.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from seje.shards.place import Place, Record

DEATHS = 3  # of workers, after which what they were at is set aside
ATTEMPTS = 20  # at one shard: several photos in it may kill workers
THREADS = "SEJE_THREADS"  # those that a worker may use


class Task(NamedTuple):
    """A shard to make: shard `number` of the recipes, `rows` of them from row `first` on."""

    number: int
    first: int
    rows: int
    attempt: int = 0  # how often a worker has died of it


class Made(NamedTuple):
    """What was made of a task: rows of each file in the folder that was given, and what is told of them."""

    rows: dict[str, int]
    counts: dict[str, Any]


class Work(Protocol):
    """Makes shards. Each worker process makes one such object, and calls it again and again."""

    def reads(self, task: Task) -> str:
        """What the shard is made of, beside other shards: names, sizes and times of files, hashed."""
        ...

    def __call__(self, task: Task, folder: Path, notes: "Notes") -> Made:
        """Write the shard's files into a new folder."""
        ...


class Notes:
    """Which items killed the workers that were at them, in a file beside the shards.

    The first death of a worker tells nothing of which item it was at; those after it do.
    """

    def __init__(self, place: Place, task: Task) -> None:
        self._place, self._name = place, f"{task.number:05}.at"
        self._careful = task.attempt > 0
        said = place.read(self._name) if self._careful else None
        self._deaths: Counter[str] = Counter(json.loads(said) if said else {})

    @property
    def careful(self) -> bool:
        """Whether items are to be taken one by one."""
        return self._careful

    def deadly(self, item: str) -> bool:
        """Whether workers have died of an item as often as is tried."""
        return self._deaths[item] >= DEATHS - 1

    @contextmanager
    def at(self, item: str) -> Iterator[None]:
        """Note that the block is about an item, where that is asked for, and that the worker lived."""
        if not self._careful:
            yield
            return
        self._place.write(self._name, json.dumps(self._deaths + Counter([item])).encode())
        try:
            yield
        finally:
            self._place.write(self._name, json.dumps(self._deaths).encode())

    def remove(self) -> None:
        """Delete the notes of a shard that is done."""
        if self._careful:
            self._place.delete(self._name)


class Worker:
    """Makes the shards that it is given, but those that are there already."""

    def __init__(self, make: Callable[[], Work], place: Place) -> None:
        self._make, self._place = make, place
        self._work: Work | None = None

    def __call__(self, task: Task) -> tuple[Record, bool]:
        """What is known of the shard, and whether it was made now."""
        self._work = self._work or self._make()
        read = self._work.reads(task)
        record = self._place.record(task.number)
        if record and record.read == read:
            return record, False
        notes = Notes(self._place, task)
        with tempfile.TemporaryDirectory(dir=self._disk(), prefix=".part-") as folder:
            rows, counts = self._work(task, Path(folder), notes)
            record = self._place.put(task.number, Path(folder), rows, counts, read)
        notes.remove()
        return record, True

    def _disk(self) -> Path | None:
        """Where files are made: beside where they will lie, if that is of this machine."""
        if self._place.remote:
            return None
        folder = Path(self._place.address)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def threads() -> int:
    """How many threads this worker may use."""
    return int(os.environ.get(THREADS) or os.cpu_count() or 1)
