"""Ranks of the true matches among all candidates, in both directions, from one product in tiles.

Ranks go from 1 to N. Whatever is not farther than the true match counts as nearer, so that doubt goes against
the model: constant embeddings rank last rather than first, and so do zero vectors, which point nowhere.
"""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from seje.errors import SejeError

Embeddings = npt.NDArray[np.float32]
Ranks = npt.NDArray[np.int64]

TILE = 2048  # a tile of similarities is 16 MB: counted before it leaves the cache
COUNTED = 255  # rows that are added up in bytes


def ranks(images: Embeddings, recipes: Embeddings, tile: int = TILE) -> tuple[Ranks, Ranks]:
    """Rank the match of each image among the recipes, and the match of each recipe among the images.

    Args:
        images: [N, E] unit vectors, of float32 or float64; or shorter ones, as of `hubness.lowered`.
        recipes: [N, E] vectors as these, of the same type; row i matches image i.
        tile: images and recipes compared at a time; memory is tile x tile, whatever N is.

    Returns:
        Image to recipe and recipe to image, [N] each, from 1 to N. By inner product: for unit vectors the
        cosine, and the order of Euclidean distance.

    Raises:
        SejeError: a vector holds NaN or infinity, by which nothing can be ordered.
    """
    tied = _true(images, recipes) - tolerance(images.shape[1], images.dtype)
    tied = tied.astype(images.dtype)
    to_recipe, to_image = (np.full(len(images), len(images), np.int64) for _ in range(2))
    side = min(tile, len(images))
    similarity, farther = np.empty((side, side), images.dtype), np.empty((side, side), np.bool_)
    for rows in _slices(len(images), tile):
        for columns in _slices(len(images), tile):
            shape = np.s_[: rows.stop - rows.start, : columns.stop - columns.start]
            found, hits = similarity[shape], farther[shape]
            np.matmul(images[rows], recipes[columns].T, out=found)
            if rows == columns:
                np.fill_diagonal(found, np.inf)  # no match is farther than itself, however it was rounded
            to_recipe[rows] -= _of_rows(np.less(found, tied[rows, None], out=hits))
            to_image[columns] -= _of_columns(np.less(found, tied[columns], out=hits))
    return to_recipe, to_image


def tolerance(width: int, dtype: npt.DTypeLike) -> float:
    """Similarities of vectors [E] that differ by less are equal: rounding may be all that parts them.

    A product of two, neither longer than 1, is a sum of E terms, of at most 1 together. Summed in any order
    its rounding errors, each at most u = eps / 2, come to more than k sqrt(E) u with a probability below
    2 exp(-k^2 / 2) (Higham and Mary, A New Approach to Probabilistic Rounding Error Analysis, 2019): 3e-14
    with k = 8. The bound of the worst case, E u, is what no library's blocked sums come near to, and would
    tie true neighbours.
    """
    return 8 * math.sqrt(width) * float(np.finfo(dtype).eps) / 2


def _true(images: Embeddings, recipes: Embeddings) -> npt.NDArray[np.float64]:
    """Similarity of each pair, in float64: its own rounding is none beside that of the others."""
    true: npt.NDArray[np.float64] = np.einsum("ne,ne->n", images, recipes, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(true))  # as it is where either vector is not: NaN and infinity stay
    if len(bad):
        raise SejeError(
            f"ranks: {len(bad)} of {len(true)} pairs have embeddings that are not finite (the first: row "
            f"{bad[0]}): train again, with a smaller joint.lr, or leave these pairs out"
        )
    return true


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
