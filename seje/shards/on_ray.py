"""The engine of a Ray cluster: an actor a core, or a device, which is replaced where it dies.

Nothing but tasks and records goes through Ray's object store: photos and features never do.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import ray
from ray.exceptions import RayActorError, RayTaskError

from seje.errors import SejeError
from seje.shards.local import again
from seje.shards.work import ATTEMPTS, THREADS, Task

U = TypeVar("U")


def join() -> str:
    """Join the cluster at RAY_ADDRESS, or start one of this machine alone; what it has, in words."""
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS") or "local"  # else Ray would take the last one that it knows
        try:
            ray.init(address, log_to_driver=False, configure_logging=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise SejeError(
                f"RAY_ADDRESS {address}: no cluster answers: {' '.join(str(error).split())}"
            ) from None
    nodes = sum(node["Alive"] for node in ray.nodes())
    return f"{nodes} node{'s' * (nodes > 1)}, {_count('CPU')} cores, {_count('GPU')} GPUs"


def run(make: Callable[[], Callable[[Task], U]], tasks: Sequence[Task], gpu: bool) -> Iterator[U]:
    """Yield what a worker gives for each task, in order; `make()`, to be pickled, gives each actor its own.

    A task is given to an actor that is there, one at a time: one that waits for a machine gets none. An
    error of the work is raised here, as it is; a task whose actor died is tried again.
    """
    devices = _count("GPU") if gpu else 0
    hand = ray.remote(num_cpus=0 if devices else 1, num_gpus=1 if devices else 0)(_Hand)
    actors = min(devices or max(_count("CPU"), 1), len(tasks))
    told = os.getcwd(), make
    waiting: deque[Task] = deque(tasks)
    running: dict[Any, tuple[Any, Task | None]] = {}
    results: dict[int, U] = {}

    def start() -> None:
        """Ask for one more actor."""
        actor = hand.remote(*told)
        running[actor.ready.remote()] = actor, None

    for _ in range(actors):
        start()
    lost = 0
    for task in tasks:
        while task.number not in results:
            (ready, *_), _ = ray.wait(list(running), num_returns=1)
            actor, done = running.pop(ready)
            try:
                result = ray.get(ready)
            except RayActorError as death:
                lost += done is None
                if lost == ATTEMPTS:
                    raise SejeError(f"ray: {lost} workers could not start: {_line(death)}") from None
                if done:
                    waiting.appendleft(again(done, _line(death)))
                start()
                continue
            except RayTaskError as error:
                raise error.cause from None
            if done:
                results[done.number] = result
            if waiting:
                following = waiting.popleft()
                running[actor.work.remote(following)] = actor, following
        yield results.pop(task.number)


class _Hand:
    """A worker on some machine of the cluster."""

    def __init__(self, folder: str, make: Callable[[], Callable[[Task], Any]]) -> None:
        os.chdir(folder)
        os.environ[THREADS] = "1"
        self._worker = make()

    def ready(self) -> None:
        """Answer once the worker is made."""

    def work(self, task: Task) -> Any:
        """Do a task."""
        return self._worker(task)


def _count(resource: str) -> int:
    return int(ray.cluster_resources().get(resource, 0))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
