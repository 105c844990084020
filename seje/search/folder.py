"""What `seje embed` does: a vector for every photo under a folder, and their names beside them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seje.errors import SejeError
from seje.model.model import Model
from seje.photos.decoding import BadPhoto
from seje.search.opening import open_model
from seje.towers.embedding import Embeddings
from seje.workspace import files
from seje.workspace.outputs import check_output

PHOTOS_IN_MEMORY = 256  # photos in memory at a time


class LeftOut(NamedTuple):
    """A file or folder that gave no vector, and why."""

    path: Path
    reason: str


def names_file(out: Path) -> Path:
    """Name the file of the photos' names: beside the vectors, never the same file."""
    return out.with_suffix(".json")


def embed_folder(folder: Path, out: Path, folder_of_model: Path | None) -> tuple[int, list[LeftOut]]:
    """Embed all photos under a folder, in the order of their paths; returns how many, and what is left out.

    Writes a row each to `out`, and to `names_file` their paths as a JSON array of strings, in which bytes
    that are no UTF-8 are lone surrogates: `os.fsencode` gives the path's own bytes.
    """
    if not os.path.isdir(folder):
        raise SejeError(f"{folder} is not a folder")
    check_output("-o", out, ".npy")
    check_output("the names beside it,", names_file(out), ".json")
    bad: list[LeftOut] = []
    paths = sorted(set(_files(folder, bad)) - {out, names_file(out)})
    model = open_model(folder_of_model)
    good: list[Path] = []
    parts: list[Embeddings] = []
    for start in range(0, len(paths), PHOTOS_IN_MEMORY):
        if jpegs := list(_shrunk(model, paths[start : start + PHOTOS_IN_MEMORY], good, bad)):
            parts.append(model.embed_shrunk(jpegs))
    if not parts:
        raise SejeError(f"{folder}: no photo that can be read among {len(paths)} files")
    files.write_array(out, np.concatenate(parts))
    files.write_json(names_file(out), [str(path) for path in good])
    return len(good), bad


def _files(folder: Path, bad: list[LeftOut]) -> Iterator[Path]:
    """All files under a folder and under the folders that links in it lead to, each folder once."""

    def unreadable(error: OSError) -> None:
        """Tell of a folder that cannot be listed, and go on."""
        bad.append(LeftOut(Path(error.filename), f"cannot be listed: {error.strerror}"))

    waiting, seen = [str(folder)], set()
    while waiting:
        # Links wait until the real folders are through, so that a photo goes by its real place.
        for place, folders, names in os.walk(waiting.pop(0), onerror=unreadable):
            at = os.stat(place)
            if (at.st_dev, at.st_ino) in seen:
                folders.clear()
                continue
            seen.add((at.st_dev, at.st_ino))
            links = [os.path.join(place, name) for name in sorted(folders)]
            waiting += [link for link in links if os.path.islink(link)]
            yield from (Path(place, name) for name in names)


def _shrunk(model: Model, paths: list[Path], good: list[Path], bad: list[LeftOut]) -> Iterator[bytes]:
    for path in paths:
        try:
            jpeg = model.photo_encoder.shrink(path)
        except BadPhoto as reason:
            bad.append(LeftOut(path, str(reason)))
        else:
            good.append(path)
            yield jpeg
