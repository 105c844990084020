"""What a store holds, against what manifests name: DVC keeps the manifests, and nobody else the shards."""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow.fs as fs

from seje.errors import SejeError
from seje.shards import manifest
from seje.shards.place import File, Place, shard_of

LARGEST = 64 * 2**20  # bytes of a manifest: that of 200,000 shards is smaller


class Verdict(NamedTuple):
    """A shard's file, and what is wrong with it: missing, damaged or nothing."""

    name: str
    rows: int
    bytes: int
    wrong: str


class Garbage(NamedTuple):
    """Files that no manifest names, and the bytes that they take."""

    names: list[str]
    bytes: int


def manifests(paths: Iterable[Path]) -> Iterator[manifest.Manifest]:
    """Yield the manifests with a store among files; other files are passed over."""
    for path in paths:
        if path.is_file() and path.stat().st_size <= LARGEST:
            with path.open("rb") as file:
                if file.read(1) != b"{":
                    continue
            try:
                said = json.loads(path.read_bytes())
                found = manifest.Manifest(said["store"], tuple(File(**one) for one in said["files"]))
            except (ValueError, TypeError, KeyError):
                continue
            if found.store:
                yield found


def verify(named: manifest.Manifest) -> Iterator[Verdict]:
    """Read every file of a manifest's store, and tell whether it is what was written."""
    place = Place(named.store or "")
    for file in named.files:
        yield Verdict(f"{named.store}/{file.name}", file.rows, file.bytes, place.wrong(file))


def garbage(store: str, named: Iterable[manifest.Manifest], days: float) -> Garbage:
    """List a store's files that no manifest names and that are older than some days: none of work that runs.

    A shard stays with its record and all its files: the stage finds it when it is run again. Raises SejeError
    where the store is not there.
    """
    place = Place(_real(store))
    system, root = place.system
    kept: set[str] = set()
    for one in named:
        _, folder = Place(_real(one.store or "")).system
        kept.update(f"{folder}/{shard_of(file.name)}" for file in one.files)
    last = datetime.now(UTC) - timedelta(days=days)
    with place.telling():
        if system.get_file_info(root).type != fs.FileType.Directory:
            raise SejeError(f"cluster.store {store}: no such folder")
        old = [
            info
            for info in system.get_file_info(fs.FileSelector(root, recursive=True))
            if info.type == fs.FileType.File and shard_of(info.path) not in kept and info.mtime < last
        ]
    return Garbage([info.path for info in old], sum(info.size for info in old))


def _real(store: str) -> str:
    """A store's address as it is spelled once: one folder of a disk may have several names."""
    return store.rstrip("/") if "://" in store else os.path.realpath(store)


def delete(store: str, unused: Garbage) -> None:
    """Delete files of a store."""
    place = Place(store)
    with place.telling():
        for name in unused.names:
            place.system[0].delete_file(name)
