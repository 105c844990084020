"""Where shards are made: in this process, in others of this machine, or on a Ray cluster."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple

from seje.progress import say, track
from seje.shards import local
from seje.shards.place import Place, Record
from seje.shards.work import Task, Work, Worker

Needs = Literal["cpu", "gpu", "apart"]
"""What work asks for. cpu: a process a core. gpu: a device, and all cores where there is none. apart: a
process of its own, however small it is, since it may die."""


class Engine(NamedTuple):
    """Makes shards."""

    name: Literal["local", "ray"]

    def make(
        self, work: Callable[[], Work], tasks: Sequence[Task], place: Place, needs: Needs, what: str
    ) -> list[Record]:
        """Make the shards that are not in a place yet; what is known of all, in order.

        Args:
            work: to be pickled; makes the object that each worker calls.
            tasks: the shards.
            place: where they are written to.
            needs: what a worker has to have.
            what: named in the progress.
        """
        records: list[Record] = []
        fresh = 0
        done = self._run(partial(Worker, work, place), tasks, needs)
        speed = _Speed(self._machines)
        for record, made in track(done, f"shards of {what}", len(tasks), lambda: str(speed)):
            records.append(record)
            fresh += made
            speed.add(max((file.rows for file in record.files.values()), default=0) * made)
        place.tidy()
        if fresh < len(tasks):
            say(f"{what}: {len(tasks) - fresh} of {len(tasks)} shards were there")
        return records

    def _machines(self) -> str:
        if self.name == "local":
            return ""
        from seje.shards import on_ray

        return f" on {on_ray.machines()}"

    def _run(
        self, make: Callable[[], Worker], tasks: Sequence[Task], needs: Needs
    ) -> Iterator[tuple[Record, bool]]:
        if self.name == "ray":
            from seje.shards import on_ray

            return on_ray.run(make, tasks, gpu=needs == "gpu")
        cores = os.cpu_count() or 1
        if needs == "apart" or (needs == "cpu" and min(cores, len(tasks)) > 1):
            return local.run(make, tasks, cores)
        return map(make(), tasks)


class _Speed:
    """How fast rows are made."""

    def __init__(self, where: Callable[[], str]) -> None:
        self._start, self._rows, self._where = time.monotonic(), 0, where

    def add(self, rows: int) -> None:
        """Count rows that are made."""
        self._rows += rows

    def __str__(self) -> str:
        return f"{self._rows / max(time.monotonic() - self._start, 1e-9):.0f} rows/s{self._where()}"


def engine(name: Literal["auto", "local", "ray"]) -> Engine:
    """The engine that is set; auto is ray where RAY_ADDRESS is set, else local."""
    if name == "auto":
        name = "ray" if os.environ.get("RAY_ADDRESS") else "local"
    return Engine(name)
