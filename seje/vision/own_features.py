"""Features of one's own: vectors of photos that ran through a network elsewhere, by the photos' ids.

N vectors, V views, F features, P photos.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from seje.data.vector_table import read_vectors
from seje.errors import SejeError

CHECKED = 4096  # vectors looked at at a time
FORM = "needs a .parquet with the columns id and vector, or a folder with NAME.npy and its ids in NAME.json"

Vectors = npt.NDArray[Any]


class GivenFeatures(nn.Module):
    """In the place of a backbone: what is given are the features."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.features = features

    def forward(self, given: Tensor) -> Tensor:
        """Features of a batch, [B, F], as they came."""
        return given


class FeatureRows:
    """Vectors of P photos, asked for by batches as `Squares` are."""

    def __init__(self, vectors: Vectors, rows: npt.NDArray[np.int64]) -> None:
        self._vectors, self._rows = vectors, rows

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Vectors of these photos, [B, V, F]."""
        return np.asarray(self._vectors[self._rows[np.asarray(rows, np.int64)]], np.float32)


@dataclass(frozen=True)
class OwnFeatures:
    """What a file of features holds: each id once, and its vectors; view 0 the photo, 1 its mirror image."""

    path: Path
    ids: list[str]
    vectors: Vectors  # [N, V, F]

    @property
    def views(self) -> int:
        """How many vectors each photo has, V."""
        return int(self.vectors.shape[1])

    @property
    def features(self) -> int:
        """Length of a vector, F."""
        return int(self.vectors.shape[2])

    def of(self, photos: Sequence[str]) -> FeatureRows:
        """Find the vectors of photos by their ids; raises SejeError where one has none that is finite."""
        missing = [photo for photo in photos if photo not in self._places]
        if missing:
            raise SejeError(
                f"categories.features: {self.path}: {len(missing)} of {len(photos)} photos have no vector, "
                f"as {missing[0]}; the ids there are such as {self.ids[0]}"
            )
        rows = np.array([self._places[photo] for photo in photos], np.int64)
        held = FeatureRows(self.vectors, rows)
        bad = [row for row in range(0, len(rows), CHECKED) for row in self._not_finite(held, row)]
        if bad:
            raise SejeError(
                f"categories.features: {self.path}: the vectors of {len(bad)} of {len(photos)} photos are "
                f"not finite numbers, as {photos[bad[0]]}: make them anew"
            )
        return held

    @cached_property
    def _places(self) -> dict[str, int]:
        return {photo: row for row, photo in enumerate(self.ids)}

    @staticmethod
    def _not_finite(held: FeatureRows, start: int) -> list[int]:
        rows = np.arange(start, min(start + CHECKED, len(held)))
        return [int(row) for row in rows[~np.isfinite(held.batch(rows)).all(axis=(1, 2))]]


def read_features(path: Path) -> OwnFeatures:
    """Read a file of features; raises SejeError where it is none, or an id is there twice.

    A `.parquet` has the columns `id` and `vector`. A folder has one NAME.npy [N, F] or [N, V, F], which is
    mapped, not read, and the ids of its rows in NAME.json, a JSON array of strings.
    """
    try:
        ids, vectors = _read_folder(path) if path.is_dir() else _read_table(path)
    except Exception as error:  # of a damaged file, the readers raise a dozen kinds between them
        reason = " ".join(str(error).split())[:160]
        raise SejeError(f"categories.features: {path}: {FORM} ({reason})") from None
    seen: set[str] = set()
    twice = [photo for photo in ids if photo in seen or seen.add(photo)]  # type: ignore[func-returns-value]
    if twice:
        raise SejeError(
            f"categories.features: {path}: {len(twice)} ids are there more than once, as {twice[0]}: give "
            "each photo one row"
        )
    return OwnFeatures(path, ids, vectors)


def read_query(path: Path) -> Vectors:
    """Read the features of one photo, a `.npy` [F] or [V, F], as [1, V, F]; raises SejeError."""
    try:
        one = _three(np.atleast_2d(_load(path))[None])
    except (OSError, ValueError, EOFError) as error:
        reason = " ".join(str(error).split())[:160]
        raise SejeError(f"{path}: needs the features of one photo, a .npy [F] or [V, F] ({reason})") from None
    if not np.isfinite(one).all():
        raise SejeError(f"{path}: the features of the photo are not finite numbers: make them anew")
    return one


def _read_table(path: Path) -> tuple[list[str], Vectors]:
    if path.suffix.lower() != ".parquet":
        raise ValueError("no folder, and no .parquet" if path.exists() else "there is no such file or folder")
    ids, vectors = read_vectors(path)
    return ids, _three(vectors)


def _read_folder(path: Path) -> tuple[list[str], Vectors]:
    arrays = sorted(path.glob("*.npy"))
    if len(arrays) != 1:
        raise ValueError(f"there are {len(arrays)} .npy files")
    ids = json.loads(arrays[0].with_suffix(".json").read_text(encoding="utf-8"))
    if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
        raise ValueError("the ids are no JSON array of strings")
    vectors = _three(_load(arrays[0]))
    if len(vectors) != len(ids):
        raise ValueError(f"{len(vectors)} vectors and {len(ids)} ids")
    return ids, vectors


def _load(path: Path) -> Vectors:
    found: Vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    return found


def _three(vectors: Vectors) -> Vectors:
    """Give vectors [N, F] or [N, V, F] as [N, V, F]."""
    three = vectors[:, None] if vectors.ndim == 2 else vectors
    if three.ndim != 3 or three.dtype.kind not in "fiu" or not three.size:
        raise ValueError(f"an array {vectors.dtype} {list(vectors.shape)}")
    return three
