"""What belongs together: every stage's folder says what it holds and what it was made of (`made_of.json`)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from seje.data.fingerprint import fingerprint
from seje.errors import SejeError
from seje.workspace import files, paths

FORMAT = 1

# The stages whose folders a stage reads. dvc.yaml says the same, and a test holds the two together.
# What lies before `corpus` are raw data, which may be anywhere: DVC watches them.
READS: dict[str, tuple[str, ...]] = {
    "corpus": (),
    "images": ("corpus",),
    "word2vec": ("corpus",),
    "keyterms": ("corpus", "word2vec"),
    "ranking": ("corpus", "keyterms", "word2vec"),
    "instructions": ("corpus", "word2vec"),
    "categories": ("corpus", "images", "word2vec"),
    "joint": ("categories", "corpus", "images", "instructions", "ranking"),
    "model": (
        "categories",
        "corpus",
        "images",
        "instructions",
        "joint",
        "keyterms",
        "ranking",
        "word2vec",
    ),
    "evaluation": ("categories", "corpus", "images", "instructions", "joint", "model", "ranking"),
    "report": ("corpus", "evaluation", "images", "ranking"),
    "index": ("categories", "corpus", "images", "instructions", "joint", "model", "ranking"),
}


@contextmanager
def making(stage: str) -> Iterator[None]:
    """Check what a stage reads, let it run in the block, then write what its folder holds and is made of.

    A stage that fails before it has written anything leaves its folder good; one that fails later leaves
    files that the older `made_of.json` does not name. Raises SejeError where what it reads does not fit.
    """
    for name in READS[stage]:
        _check(name, stage, set())
    read = {name: _known(paths.made_of(name)) for name in READS[stage]}
    yield
    held = {path.name: _known(path) for path in sorted(_held(stage))}
    said = {"format": FORMAT, "stage": stage, "files": held, "made_of": read}
    files.write_json(paths.made_of(stage), said)


def check(stage: str) -> None:
    """Raise SejeError where the folder of a stage, or one behind it, is not whole or does not fit."""
    _check(stage, stage, set())


def _held(stage: str) -> Iterator[Path]:
    """Yield what others read: not the database of Milvus, which changes when it is read."""
    for path in paths.made_of(stage).parent.glob("[!.]*"):
        if path.is_file() and path != paths.made_of(stage) and path.suffix != ".db":
            yield path


def _check(stage: str, wanted: str, seen: set[str]) -> None:
    """Check a stage after those behind it, so that what is told is where it begins."""
    if stage in seen:
        return
    seen.add(stage)
    for name in READS[stage]:
        _check(name, wanted, seen)
    try:
        _compare(stage, _read(stage))
    except SejeError as error:
        raise SejeError(f"{error}: run `dvc repro {wanted}`") from None


def _compare(stage: str, said: dict[str, Any]) -> None:
    """Compare what a stage's folder says with what is there now."""
    folder = paths.made_of(stage).parent
    for name, known in said["files"].items():
        if not (folder / name).is_file():
            raise SejeError(f"{folder / name} is missing")
        if _known(folder / name) != known:
            raise SejeError(f"{folder / name} is not the file that the stage {stage} wrote")
    for name in READS[stage]:
        other = paths.made_of(name)
        if _known(other) != said["made_of"].get(name):
            raise SejeError(f"{folder} was made of another {name} than {other.parent} holds")


def _read(stage: str) -> dict[str, Any]:
    path = paths.made_of(stage)
    if not path.is_file():
        raise SejeError(f"{path} is missing")
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        fits = (said["format"], said["stage"]) == (FORMAT, stage)
        if fits and isinstance(said["files"], dict) and isinstance(said["made_of"], dict):
            return dict(said)
    except (ValueError, TypeError, KeyError):
        pass
    raise SejeError(f"{path} cannot be read by this version of seje")


def _known(path: Path) -> str:
    """Take a file's fingerprint once for as long as the file stays as it is."""
    found = path.stat()
    return _fingerprint(path.resolve(), found.st_ino, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=1024)
def _fingerprint(path: Path, *_: int) -> str:
    return fingerprint(path)
