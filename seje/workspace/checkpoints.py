"""The state of unfinished training: a killed stage takes it up again and ends with the same bytes."""

import contextlib
import hashlib
import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seje.progress import say
from seje.shards import manifest
from seje.workspace import files
from seje.workspace.closure import code_fingerprint

COMPUTE = ("numpy", "pillow", "pyarrow", "torch")  # packages that decide what bytes come out
FORGOTTEN = 14  # days after which a state that no run has taken up is deleted


def fingerprint(stage: str, params: Mapping[str, Any], inputs: list[Path]) -> str:
    """Name a run by all that its result follows from: 16 hex digits.

    That is the stage's code, the versions of what computes, the hyperparameters, and what is in the input
    files.
    """
    settings = json.dumps(params, sort_keys=True, separators=(",", ":"))
    code = code_fingerprint(f"seje.{stage}.stage")
    digest = hashlib.sha256("\n".join([code, *map(version, COMPUTE), settings]).encode())
    for path in map(manifest.stands_for, inputs):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def save(path: Path, state: dict[str, Any]) -> None:
    """Write tensors, numbers, strings and containers of them, in place of an older state.

    The temporary name is this process's own: experiments that run side by side may share a stage's state.
    """
    import torch

    part = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = io.BytesIO()  # PyTorch hides what the disk says
    torch.save(state, whole)
    try:
        with files.naming(path):
            part.write_bytes(whole.getbuffer())
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Path) -> dict[str, Any] | None:
    """Read a state onto the CPU; None where there is none of this run, or none that can be read."""
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        _tell_of_others(path)
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


def _tell_of_others(path: Path) -> None:
    """Say that states of other runs of the stage are not taken up, and delete those that are forgotten.

    Not all at once: they may be of experiments that run beside this one, or of settings that come back.
    """
    stage = path.stem.rpartition("-")[0]
    others = 0
    for other in path.parent.glob(f"{stage}-*{path.suffix}"):
        with contextlib.suppress(FileNotFoundError):  # its run has just ended
            if time.time() - other.stat().st_mtime > FORGOTTEN * 24 * 3600:
                other.unlink()
            else:
                others += 1
    if others:
        what = "1 unfinished run is" if others == 1 else f"{others} unfinished runs are"
        say(f"{stage}: {what} of other settings, data or code, and not taken up; see {path.parent}")


@contextmanager
def on_sigterm(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` where this process is asked to end (SIGTERM, a cluster's pre-emption) within the block."""
    before = signal.signal(signal.SIGTERM, lambda *_: act())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
