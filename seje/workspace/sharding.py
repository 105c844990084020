"""A stage's work in shards: shard n is made of shard n of the corpus, by the engine that is set.

Until a stage ends its shards lie in a folder that is named after all that they follow from, so that a killed
stage finds those that are done. In the end they are linked into the pipeline; with a store they stay there.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from seje.shards import manifest
from seje.shards.engine import Engine, Needs, engine
from seje.shards.place import Place, Record, describe
from seje.shards.settings import ClusterSettings
from seje.shards.work import Made, Task, Work
from seje.workspace import checkpoints, files, paths

LOCAL = ClusterSettings(engine="local", store=None)


class Sharded:
    """The shards of a run of a stage, which is `known` by all that its result follows from."""

    def __init__(
        self, stage: str, settings: dict[str, Any], inputs: list[Path], cluster: ClusterSettings
    ) -> None:
        self.known = checkpoints.fingerprint(stage, settings, inputs)
        self._stored = cluster.store is not None
        self._here = paths.shards() / stage / self.known
        _forget(self._here.parent)
        self._claim = _claim(self._here)
        self._leave = weakref.finalize(self, os.close, self._claim)
        self._place = (
            Place(cluster.store).inside(stage, self.known) if cluster.store else Place(str(self._here))
        )
        self._engine: Engine = engine(cluster.engine)

    def make(self, name: str, work: Callable[[], Work], needs: Needs, what: str) -> list[Record]:
        """Make the shards of one piece of the stage's work, but those that are there.

        Args:
            name: of the piece, and the folder of its shards.
            work: to be pickled; makes what each worker calls.
            needs: what a worker has to have.
            what: named in the progress.
        """
        return self._engine.make(work, tasks(), self._place.inside(name), needs, what)

    def once(self, name: str, make: Callable[[Path], Made]) -> Record:
        """Make what all shards need of one kind, if it is not there: files in the folder that is given."""
        place = self._place.inside(name)
        if record := place.record(0):
            return record
        paths.shards().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=paths.shards(), prefix=".part-") as folder:
            return place.put(0, Path(folder), *make(Path(folder)), read="")

    def place(self, name: str) -> Place:
        """Where a piece of the stage's work lies."""
        return self._place.inside(name)

    def take(self, path: Path, name: str, records: list[Record], file: str) -> None:
        """Have a file of the pipeline be these shards' files of one name."""
        made = [record.files[file] for record in records]
        with files.naming(path):
            manifest.place_at(path, made, self._place.inside(name), self._stored)

    def arrays(self, name: str, records: list[Record], file: str) -> Iterator[Any]:
        """Yield the arrays in the shards' files of one name, memory-mapped."""
        for path in self._found(name, records, file):
            yield np.load(path, mmap_mode="r", allow_pickle=False)

    def tables(self, name: str, records: list[Record], file: str) -> Iterator[Any]:
        """Yield the tables in the shards' files of one name."""
        import pyarrow.parquet as pq

        yield from map(pq.read_table, self._found(name, records, file))

    def beside(self, name: str) -> Path:
        """Path of a file that is written for workers alone: it is there until the stage is done."""
        return self._here / name

    def _found(self, name: str, records: list[Record], file: str) -> Iterator[Path]:
        place = self._place.inside(name)
        return (manifest.found(place, record.files[file]) for record in records)

    def done(self) -> None:
        """Forget what is linked into the pipeline now, unless another run is at it; a store keeps its own."""
        with suppress(BlockingIOError):
            _delete_unclaimed(self._here, self._claim)
        self._leave()
        for folder in (self._here.parent, paths.shards()):
            with suppress(OSError):  # others are at work there
                folder.rmdir()


def _claim(folder: Path) -> int:
    """Hold a folder together with others, for as long as this process lives, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def _delete_unclaimed(folder: Path, held: int) -> None:
    """Delete a folder, of which `held` is open; raises BlockingIOError where another run holds it."""
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    shutil.rmtree(folder, ignore_errors=True)


def _forget(folder: Path) -> None:
    """Delete shards that no run has taken up for long; others may be of experiments that run beside this."""
    for old in folder.glob("*"):
        if time.time() - old.stat().st_mtime > checkpoints.FORGOTTEN * 24 * 3600:
            held = os.open(old, os.O_RDONLY)
            with suppress(BlockingIOError):
                _delete_unclaimed(old, held)
            os.close(held)


def tasks() -> list[Task]:
    """A task for each shard of the corpus."""
    counts = manifest.rows_of_parts(files.need(paths.Corpus.RECIPES, "corpus"))
    if counts is None:
        counts = [files.count_rows(paths.Corpus.RECIPES, "corpus")]
    starts = accumulate(counts[:-1], initial=0)
    return [Task(number, *rows) for number, rows in enumerate(zip(starts, counts, strict=True))]


@contextmanager
def table_rows(
    path: Path, schema: Any, rows: int, cluster: ClusterSettings
) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Give a function that appends one row to the table `path`, cut into shards of so many rows.

    In a store the shards' folder is named after what is in them.
    """
    home = paths.shards()
    home.mkdir(parents=True, exist_ok=True)
    with files.naming(path), tempfile.TemporaryDirectory(dir=home, prefix=".part-") as folder:
        writer = _Rolling(Path(folder), schema, rows)
        try:
            yield writer.add
        finally:
            writer.close()
        made = [describe(part, part.name, count) for part, count in writer.made]
        place = Place(folder)
        if cluster.store:
            name = hashlib.sha256("".join(file.sha256 for file in made).encode()).hexdigest()[:16]
            place = Place(cluster.store).inside(path.parent.name, name, path.stem)
            for part, _ in writer.made:
                place.send(part, part.name)
        manifest.place_at(path, made, place, cluster.store is not None)


class _Rolling:
    """Writes rows into one table after another, each of so many rows; one at least."""

    def __init__(self, folder: Path, schema: Any, rows: int) -> None:
        self._folder, self._schema, self._rows = folder, schema, rows
        self.made: list[tuple[Path, int]] = []
        self._open = ExitStack()
        self._next()

    def _next(self) -> None:
        self._open.close()
        path = self._folder / f"{len(self.made):05}.parquet"
        self._add = self._open.enter_context(files.table_rows(path, self._schema))
        self.made.append((path, 0))

    def add(self, row: dict[str, Any]) -> None:
        """Append a row."""
        if self.made[-1][1] == self._rows:
            self._next()
        self._add(row)
        path, count = self.made[-1]
        self.made[-1] = path, count + 1

    def close(self) -> None:
        """End the last table."""
        self._open.close()


def told(records: list[Record], name: str) -> int:
    """Add up one of the numbers that shards tell."""
    return sum(record.counts[name] for record in records)
