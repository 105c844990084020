"""What can be had without a model: the figures that a model has to beat."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seje.evaluation.within import UNKNOWN
from seje.retrieval.names import CUTOFFS, METRICS
from seje.retrieval.protocol import Metrics, average, draws, pool_name, pool_sizes, retrieval_metrics

ORDERS = 100  # random orders within a group for each draw of a pool: their mean is an expectation


def chance(pool: int) -> Metrics:
    """Expected measures of a random order of `pool` candidates."""
    recalls = [min(cutoff, pool) / pool for cutoff in CUTOFFS]
    return dict(zip(METRICS, [(pool + 1) / 2, *recalls], strict=True))


def by_chance(pools: Sequence[int], pairs: int) -> dict[str, Metrics]:
    """Chance in each pool out of `pairs`, by its name; both directions are alike."""
    return {pool_name(pool, pairs): chance(pool) for pool in pool_sizes(pools, pairs)}


def group_only(groups: npt.NDArray[np.int64], random: np.random.Generator) -> Metrics:
    """Measures of one draw where the true group is known and the order within it is random.

    The candidates of the query's group come first: the true one's rank is uniform from 1 to their number. A
    query of no group (UNKNOWN) knows nothing: its rank is uniform among all.
    """
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    candidates = np.where(groups == UNKNOWN, len(groups), sizes[group])
    return retrieval_metrics(random.integers(1, candidates + 1))


def by_group(
    groups: npt.NDArray[np.int64], pools: Sequence[int], count: int, seed: int
) -> dict[str, Metrics]:
    """Measures of knowing the group alone, in each pool by its name; both directions are alike."""
    random = np.random.default_rng(seed)
    return {
        pool_name(pool, len(groups)): average(
            [
                group_only(groups[rows], random)
                for rows in draws(len(groups), pool, count, seed)
                for _ in range(ORDERS)
            ]
        )
        for pool in pool_sizes(pools, len(groups))
    }
