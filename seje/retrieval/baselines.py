"""What can be had without a model: the figures that a model has to beat."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seje.retrieval.protocol import CUTOFFS, Measures, average, draws, measures, pool_name, pool_sizes

NAMES = {"chance": "chance", "category": "category only", "cca": "CCA"}  # as tables call them


def chance(pool: int) -> Measures:
    """Expected measures of a random order of `pool` candidates."""
    recalls = {f"R@{k}": min(k, pool) / pool for k in CUTOFFS}
    return {"MedR": (pool + 1) / 2, **recalls}


def category_only(categories: npt.NDArray[np.int64], random: np.random.Generator) -> Measures:
    """Measures of one draw where the true category is known and the order within it is random.

    The candidates of the query's category come first: the true one's rank is uniform from 1 to their number.
    """
    _, group, sizes = np.unique(categories, return_inverse=True, return_counts=True)
    return measures(random.integers(1, sizes[group] + 1))


def baselines(
    categories: npt.NDArray[np.int64], pools: Sequence[int], count: int, seed: int
) -> dict[str, dict[str, Measures]]:
    """Measures of chance and of the category alone: {baseline: {pool: measures}}; both directions are alike.

    The order within a category is drawn 100 times for each draw of the pool, for its expectation.
    """
    found: dict[str, dict[str, Measures]] = {"chance": {}, "category": {}}
    random = np.random.default_rng(seed)
    for pool in pool_sizes(pools, len(categories)):
        orders = [rows for rows in draws(len(categories), pool, count, seed) for _ in range(100)]
        found["chance"][pool_name(pool)] = chance(pool)
        found["category"][pool_name(pool)] = average([category_only(categories[o], random) for o in orders])
    return found
