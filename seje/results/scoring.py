"""Anyone's embeddings under the papers' protocol: two `.npy` files, no pipeline needed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

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


def read_vectors(images: Path, recipes: Path) -> tuple[Embeddings, Embeddings]:
    """Read two matrices (N, E) of numbers as float32 unit vectors; raises SejeError where they are none."""
    both = _open(images), _open(recipes)
    if both[0].shape != both[1].shape:
        shapes = " and ".join(" x ".join(map(str, matrix.shape)) for matrix in both)
        raise SejeError(
            f"{images}, {recipes}: {shapes} do not pair up: row i of one is to match row i of both"
        )
    return _unit(both[0], images), _unit(both[1], recipes)


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
    id_, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise SejeError(f"{path}: {id_} stands {times} times: keep one pair of each recipe, as the papers do")
    return ids


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
