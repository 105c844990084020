"""The processes that train together, on one machine or more."""

import os
from collections import deque
from collections.abc import Iterator
from typing import Any, Literal, NoReturn

from lightning_fabric import Fabric

from seje.errors import SejeError


def fabric(devices: int | Literal["auto"], precision: Literal["32", "bf16-mixed"]) -> Fabric:
    """Set devices and precision; under torchrun or SLURM, take as many processes as these have started."""
    started = os.environ.get("LOCAL_WORLD_SIZE") or os.environ.get("SLURM_NTASKS_PER_NODE")
    machines = os.environ.get("GROUP_WORLD_SIZE") or os.environ.get("SLURM_NNODES")
    return Fabric(
        devices=int(started) if started else devices, num_nodes=int(machines or 1), precision=precision
    )


def follow(states: Iterator[dict[str, Any]]) -> NoReturn:
    """Train as one of the other processes, and end it; what stops it, the first one tells."""
    try:
        deque(states, maxlen=0)
    except SejeError:
        raise SystemExit(2) from None
    raise SystemExit(0)  # what is written, and what says so, is the first one's
