"""The engine of a Ray cluster: an actor a core, or a device, which is replaced where it dies.

Nothing but tasks and records goes through Ray's object store: photos and features never do.
"""

import os
import platform
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from seje.errors import SejeError
from seje.shards.local import again
from seje.shards.work import ATTEMPTS, THREADS, Task

try:
    import ray
    from ray.exceptions import RayActorError, RayTaskError
except ImportError:
    raise SejeError("cluster.engine is ray, but Ray is missing: pip install 'seje[ray]'") from None

U = TypeVar("U")

PATIENCE = 10.0  # seconds, within which a cluster has to answer


def join() -> None:
    """Join the cluster at RAY_ADDRESS; raises SejeError where none is named or none answers."""
    if ray.is_initialized():
        return
    address = os.environ.get("RAY_ADDRESS")
    if not address:  # Ray would take the last cluster that it knows
        raise SejeError(
            "cluster.engine is ray, but RAY_ADDRESS is not set: set it to the cluster's HOST:PORT, or to "
            "local for a cluster of this machine alone"
        )
    if address == "local":
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        _knock(address)
        ray.init(address, log_to_driver=False, configure_logging=False)
    except (OSError, RuntimeError, ValueError) as error:
        raise SejeError(f"RAY_ADDRESS {address}: no cluster answers ({_line(error)})") from None


def _knock(address: str) -> None:
    """Raise OSError where nobody listens at HOST:PORT: Ray itself would try for minutes."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        with socket.create_connection((host.removeprefix("ray://").strip("[]"), int(port)), PATIENCE):
            pass


def machines() -> str:
    """What the cluster has now, in words."""
    nodes = sum(node["Alive"] for node in ray.nodes())
    gpus = f", {_count('GPU')} GPUs" if _count("GPU") else ""
    return f"{nodes} node{'s' * (nodes > 1)}, {_count('CPU')} cores{gpus}"


def run(make: Callable[[], Callable[[Task], U]], tasks: Sequence[Task], gpu: bool) -> Iterator[U]:
    """Yield what a worker gives for each task, in order; `make()`, to be pickled, gives each actor its own.

    A task is given to an actor that is there, one at a time: one that waits for a machine gets none. An
    error of the work is raised here, as it is; a task whose actor died is tried again.
    """
    join()
    cores, devices = max(_count("CPU"), 1), _count("GPU") if gpu else 0
    hand = ray.remote(num_cpus=0 if devices else 1, num_gpus=1 if devices else 0)(_Hand)
    threads = max(1, cores // devices) if devices else 1
    waiting: deque[Task] = deque(tasks)
    running: dict[Any, tuple[Any, Task | None]] = {}
    results: dict[int, U] = {}

    def start() -> None:
        """Ask for one more actor."""
        actor = hand.remote()
        running[actor.start.remote(os.getcwd(), threads, make)] = actor, None

    for _ in range(min(devices or cores, len(tasks))):
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
                    raise SejeError(f"ray: {lost} workers could not start ({_line(death)})") from None
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

    def start(self, folder: str, threads: int, make: Callable[[], Callable[[Task], Any]]) -> None:
        """Make the worker; an actor that failed while it was made would be one that died."""
        try:
            os.chdir(folder)
        except OSError as error:
            raise SejeError(
                f"{platform.node()} does not see the working folder {folder} ({error.strerror}): it has to "
                "be on a disk that all machines of the cluster share"
            ) from None
        os.environ[THREADS] = str(threads)
        self._worker = make()

    def work(self, task: Task) -> Any:
        """Do a task."""
        return self._worker(task)


def _count(resource: str) -> int:
    return int(ray.cluster_resources().get(resource, 0))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
