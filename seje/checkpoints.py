"""The state of unfinished training: a killed stage takes it up again and ends with the same bytes."""

import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from seje.progress import say


def fingerprint(params: Mapping[str, Any], inputs: list[Path]) -> str:
    """Name a run by its hyperparameters and by what is in its input files: 16 hex digits."""
    digest = hashlib.sha256(json.dumps(params, sort_keys=True, separators=(",", ":")).encode())
    for path in inputs:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def save(path: Path, state: dict[str, Any]) -> None:
    """Write tensors, numbers, strings and containers of them, in place of an older state.

    The temporary name is this process's own: experiments that run side by side may share a stage's state.
    """
    part = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.save(state, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Path) -> dict[str, Any] | None:
    """Read a state onto the CPU; None where there is none, or none that can be read."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except Exception:  # what a damaged file raises depends on where it is damaged
        state = None
    if not isinstance(state, dict):
        say(f"{path} is damaged: training starts afresh")
        return None
    return state


def remove(path: Path) -> None:
    """Delete the state of a run that is done."""
    path.unlink(missing_ok=True)


@contextmanager
def on_sigterm(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` where this process is asked to end (SIGTERM, a cluster's pre-emption) within the block."""
    before = signal.signal(signal.SIGTERM, lambda *_: act())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
