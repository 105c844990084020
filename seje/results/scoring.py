"""Anyone's embeddings under the papers' protocol: two files of vectors, no pipeline needed."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np

from seje.data.vector_table import read_vectors
from seje.errors import SejeError
from seje.evaluation.baselines import chance
from seje.retrieval.names import DIRECTIONS
from seje.retrieval.protocol import PoolRanks, evaluate, figures, pool_facts, pool_name
from seje.retrieval.ranks import Embeddings

BLOCK = 4096  # rows that are checked and scaled at a time


def score(ranked: Mapping[int, Sequence[PoolRanks]]) -> dict[str, Any]:
    """Measure what `rank_pools` ranked, as the stage `evaluation` does, beside chance."""
    by_chance = {pool_name(pool, max(ranked)): chance(pool) for pool in ranked}
    return {
        **figures(evaluate(ranked)),
        "pools": pool_facts(ranked),
        "baselines": {"chance": by_chance},
        "test_pairs": max(ranked),
    }


def ranks_by_id(whole: PoolRanks, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Ranks of each pair among all of them, in both directions, under its id."""
    return {id_: {way: int(getattr(whole, way)[row]) for way in DIRECTIONS} for row, id_ in enumerate(ids)}


def read_pairs(images: Path, recipes: Path, ids: Path | None) -> tuple[Embeddings, Embeddings, list[str]]:
    """Read the vectors [N, E] of photos and recipes, float32 of unit length, and the pairs' ids, if known.

    Where both files tell ids, photos and recipes of the same id are pairs, or a photo and the recipe whose id
    the photo's file is named by. Else, and where a file `ids` names the pairs, row i of one belongs to row i
    of the other. Raises SejeError where the files are no vectors, or do not pair up.
    """
    files = [_read(path, own_ids=ids is None) for path in (images, recipes)]
    both = [file.vectors for file in files]
    known = [file.ids for file in files if file.ids is not None]
    joined = len(known) == 2
    if both[0].shape[joined:] != both[1].shape[joined:]:
        shapes = " and ".join(" x ".join(map(str, matrix.shape)) for matrix in both)
        raise SejeError(
            f"{images}, {recipes}: {shapes} do not pair up: row i of one is to match row i of both"
        )
    names = read_ids(ids, len(both[0])) if ids else (known or [[]])[0]
    order = None
    if joined:
        names, order = join(known[0], known[1], f"{images}, {recipes}")
    unit = _unit(both[0], images), _unit(both[1], recipes)
    return unit[0], unit[1] if order is None else unit[1][order], names


def join(photos: Sequence[str], recipes: Sequence[str], where: str) -> tuple[list[str], list[int]]:
    """Find the recipe of each photo by its id: the ids in the photos' order, and the recipes' rows.

    A photo has the id of its recipe, or a path that ends in it (and an ending). Raises SejeError where photos
    or recipes are left over, naming the files (`where`).
    """
    rows = {id_: row for row, id_ in enumerate(recipes)}
    by_id, by_name = list(photos), [PurePath(photo).stem for photo in photos]
    names = max(by_id, by_name, key=lambda ids: len(rows.keys() & ids))
    photos_alone = [photo for photo, id_ in zip(photos, names, strict=True) if id_ not in rows]
    alone = [f"{len(photos_alone)} photos without a recipe, as {photos_alone[0]}"] if photos_alone else []
    recipes_alone = [recipe for recipe in rows if recipe not in set(names)]
    alone += [f"{len(recipes_alone)} recipes without a photo, as {recipes_alone[0]}"] if recipes_alone else []
    if alone:
        raise SejeError(
            f"{where}: by their ids there are {' and '.join(alone)}: name photos by their recipe's "
            "id, or give --ids where row i of one belongs to row i of the other"
        )
    return _distinct(names, where), [rows[id_] for id_ in names]


def read_ids(path: Path, pairs: int) -> list[str]:
    """Read one id a line; raises SejeError where there is not one of its own for each of the pairs."""
    try:
        ids = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SejeError(f"{path}: cannot be read as text: {_line(error)}") from None
    if len(ids) != pairs:
        raise SejeError(
            f"{path}: {len(ids)} ids for {pairs} pairs: write one a line, in the order of the rows"
        )
    return _distinct(ids, path)


def _distinct(ids: list[str], where: Path | str) -> list[str]:
    id_, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise SejeError(
            f"{where}: {id_} stands {times} times: keep one pair of each recipe, as the papers do"
        )
    return ids


class _File(NamedTuple):
    """What a file of vectors [N, E] holds; `ids` None where it tells none."""

    vectors: Any
    ids: list[str] | None


def _read(path: Path, own_ids: bool) -> _File:
    """Read what `seje embed` wrote, or an array of anyone's."""
    if path.suffix.lower() == ".parquet":
        try:
            ids, vectors = read_vectors(path)
        except Exception as error:  # Arrow fails on damaged files in several ways
            raise SejeError(
                f"{path}: not a table of vectors as `seje embed` writes: {_line(error)}"
            ) from None
        return _File(vectors, _distinct(ids, path) if own_ids else None)
    matrix = _open(path)
    names = _names_beside(path, len(matrix)) if own_ids else None
    return _File(matrix, names and _distinct(names, path))


def _names_beside(path: Path, rows: int) -> list[str] | None:
    """Read the names that `seje embed` writes beside an array; None where there are none."""
    beside = path.with_suffix(".json")
    try:
        names = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    if len(names) != rows:
        raise SejeError(
            f"{beside}: {len(names)} names for the {rows} rows of {path}: "
            "move it away if it is of other vectors"
        )
    return names


def _open(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # numpy's reader of headers fails on odd ones in every way there is
        raise SejeError(f"{path}: not an array of numbers in .npy format: {_line(error)}") from None
    if matrix.ndim != 2 or not matrix.size or matrix.dtype.kind not in "fiu":
        shape = " x ".join(map(str, matrix.shape)) or "one"
        raise SejeError(
            f"{path}: {shape} {matrix.dtype}: needs a row of numbers for each pair, (pairs, dimensions)"
        )
    return matrix


def _unit(matrix: Any, path: Path) -> Embeddings:
    vectors = np.empty(matrix.shape, np.float32)
    for start in range(0, len(matrix), BLOCK):
        block = np.asarray(matrix[start : start + BLOCK], np.float64)
        _refuse(~np.isfinite(block).all(axis=1), start, path, "holds NaN or infinity")
        block = block / np.maximum(np.abs(block).max(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        length = np.linalg.norm(block, axis=1, keepdims=True)
        _refuse(length[:, 0] == 0, start, path, "is zero, which has no direction")
        vectors[start : start + BLOCK] = block / length
    return vectors


def _refuse(bad: Any, start: int, path: Path, what: str) -> None:
    if bad.any():
        row = start + int(np.argmax(bad))
        raise SejeError(f"{path}: row {row} (from 0) {what}: leave that pair out of both files")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:150]
