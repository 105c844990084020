"""Ranks of the true matches among all candidates, in both directions, from one product in tiles.

Ranks start at 1. Ties go against the model: every candidate as near as the true one counts as nearer, so that
constant embeddings rank last rather than first.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Ranks = npt.NDArray[np.int64]

TIE = 1e-6  # similarities closer than this are equal: products of equal vectors differ in their last bits
TILE = 2048  # a tile of similarities is 16 MB: counted before it leaves the cache
COUNTED = 255  # rows that are added up in bytes


def ranks(images: Vectors, recipes: Vectors, tile: int = TILE) -> tuple[Ranks, Ranks]:
    """Rank the match of each image among the recipes, and the match of each recipe among the images.

    Args:
        images: (N, E) unit vectors.
        recipes: (N, E) unit vectors; row i matches image i.
        tile: images and recipes compared at a time; memory is tile x tile, whatever N is.

    Returns:
        Image to recipe and recipe to image, (N,) each, from 1 to N. By cosine, which for unit vectors is the
        order of Euclidean distance.
    """
    true = np.einsum("ne,ne->n", images, recipes) - np.float32(TIE)
    to_recipe, to_image = np.zeros(len(images), np.int64), np.zeros(len(images), np.int64)
    side = min(tile, len(images))
    similarity, nearer = np.empty((side, side), np.float32), np.empty((side, side), np.bool_)
    for rows in _slices(len(images), tile):
        for columns in _slices(len(images), tile):
            shape = np.s_[: rows.stop - rows.start, : columns.stop - columns.start]
            found, hits = similarity[shape], nearer[shape]
            np.matmul(images[rows], recipes[columns].T, out=found)
            to_recipe[rows] += _of_rows(np.greater_equal(found, true[rows, None], out=hits))
            to_image[columns] += _of_columns(np.greater_equal(found, true[columns], out=hits))
    return to_recipe, to_image


def _slices(length: int, size: int) -> Iterator[slice]:
    yield from (slice(start, min(start + size, length)) for start in range(0, length, size))


def _of_rows(hits: npt.NDArray[np.bool_]) -> list[int]:
    """Count hits along each row; row by row is several times as fast as numpy's sum of booleans."""
    return [int(np.count_nonzero(row)) for row in hits]


def _of_columns(hits: npt.NDArray[np.bool_]) -> Ranks:
    """Count hits along each column, in bytes as long as they cannot overflow."""
    parts = [np.add.reduce(hits[rows].view(np.uint8), 0, np.uint8) for rows in _slices(len(hits), COUNTED)]
    total: Ranks = np.sum(parts, axis=0, dtype=np.int64)
    return total
