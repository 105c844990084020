"""What one ranking of the whole set tells further: recall by k, median rank by pool, recall by category."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from seje.retrieval.names import DIRECTIONS
from seje.retrieval.protocol import PoolRanks, mean_metrics
from seje.retrieval.ranks import Ranks

CUTOFFS = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100)
SMALL_POOLS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
LARGE_SET = 10_000  # pairs from which on the pools are those of the papers


def recall_curve(whole: PoolRanks) -> list[dict[str, float]]:
    """Recall at growing k, a series that DVC plots."""
    return [
        {"k": k} | {way: float(np.mean(getattr(whole, way) <= k)) for way in DIRECTIONS}
        for k in CUTOFFS
        if k <= len(whole.rows)
    ]


def curve_pools(pairs: int) -> list[int]:
    """Pool sizes of the scaling curve: 1k, 5k, 10k, 20k ... for large sets; the whole set is the last."""
    large = (1000, 5000, *range(10_000, pairs, 10_000))
    return [pool for pool in (large if pairs >= LARGE_SET else SMALL_POOLS) if pool < pairs] + [pairs]


def pool_curve(whole: PoolRanks, count: int, seed: int) -> list[dict[str, float]]:
    """MedR against the size of the pool, mean of `count` draws, without another product.

    Of N - 1 other candidates r - 1 are nearer than the true one, so that in a random pool of n with the pair
    their number is hypergeometric: that many good in a draw of n - 1.
    """
    random = np.random.default_rng(seed)
    pairs = len(whole.rows)
    return [
        {"pool": pool}
        | {
            way: _median(getattr(whole, way), pool, count if pool < pairs else 1, random)
            for way in DIRECTIONS
        }
        for pool in curve_pools(pairs)
    ]


def pool_ranks(rank: Ranks, pool: int, random: np.random.Generator) -> Ranks:
    """Draw the rank that each query would have among `pool` candidates, from that among all, [N]."""
    return 1 + random.hypergeometric(rank - 1, len(rank) - rank, pool - 1)


def category_recalls(
    whole: PoolRanks, categories: npt.NDArray[np.int64], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Measures of each category's queries among the whole set, in the order of the categories' numbers."""
    rows: list[dict[str, Any]] = []
    for category in np.unique(categories):
        chosen = categories == category
        found = mean_metrics([PoolRanks(*(part[chosen] for part in whole))])
        flat = {f"{way}_{name}": value for way, each in found.items() for name, value in each.items()}
        rows.append({"category": names[category], "pairs": int(chosen.sum()), **flat})
    return rows


def _median(rank: Ranks, pool: int, count: int, random: np.random.Generator) -> float:
    chosen = (random.choice(rank.size, pool, replace=False) for _ in range(count))
    return float(np.mean([np.median(pool_ranks(rank, pool, random)[rows]) for rows in chosen]))
