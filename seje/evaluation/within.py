"""Retrieval within a group: how the match ranks among the candidates of the query's own group.

Where collections are mixed, a photo's style tells its source, and who knows the source alone is far better
than chance. Within the source that knowledge is worth nothing. Shapes: N pairs.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from seje.retrieval.protocol import PoolRanks
from seje.retrieval.ranks import Embeddings, ranks

UNKNOWN = -1  # the group of pairs that have none


def numbered(names: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """Number the groups from 0 in the order of their names, [N]; UNKNOWN where there is no name."""
    numbers = {name: number for number, name in enumerate(sorted({*names} - {None}, key=str))}
    return np.array([UNKNOWN if name is None else numbers[name] for name in names], np.int64)


def within_groups(
    images: Embeddings,
    recipes: Embeddings,
    groups: npt.NDArray[np.int64],
    ranked: Mapping[int, Sequence[PoolRanks]],
) -> dict[int, list[PoolRanks]]:
    """Rank what `rank_pools` ranked once more, each query among the candidates of its own group.

    The candidates of a query of no group are all of the pool, so that its rank stays as it is.

    Args:
        images: [N, E] unit vectors.
        recipes: [N, E] unit vectors; row i matches row i of `images`.
        groups: [N] of the pairs.
        ranked: draws of each pool.
    """
    return {
        pool: [_within(draw, images, recipes, groups) for draw in drawn] for pool, drawn in ranked.items()
    }


def _within(
    draw: PoolRanks, images: Embeddings, recipes: Embeddings, groups: npt.NDArray[np.int64]
) -> PoolRanks:
    found = PoolRanks(draw.rows, draw.image_to_recipe.copy(), draw.recipe_to_image.copy())
    drawn = groups[draw.rows]
    for group in np.unique(drawn[drawn != UNKNOWN]):
        places = np.flatnonzero(drawn == group)
        rows = draw.rows[places]
        found.image_to_recipe[places], found.recipe_to_image[places] = ranks(images[rows], recipes[rows])
    return found
