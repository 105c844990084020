"""The papers' protocol: median rank and recall over random draws of a pool, in both directions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seje.retrieval.bootstrap import intervals
from seje.retrieval.names import CUTOFFS, DIRECTIONS, METRICS
from seje.retrieval.ranks import Embeddings, Ranks, ranks

Metrics = dict[str, float]
WHOLE = "all"  # the name of the whole set among the pools


class Estimate(NamedTuple):
    """One measure: mean and standard deviation over draws, and the ends of its 95 % interval over queries."""

    mean: float
    std: float
    low: float
    high: float


class PoolRanks(NamedTuple):
    """One pool: its pairs, and the ranks of their queries in both directions."""

    rows: Ranks
    image_to_recipe: Ranks
    recipe_to_image: Ranks


Estimates = dict[str, dict[str, dict[str, Estimate]]]  # of pool, direction and measure


def retrieval_metrics(rank: Ranks) -> Metrics:
    """MedR, and R@K as the share of queries with rank <= K, of the ranks of one draw."""
    recalls = [float(np.mean(rank <= cutoff)) for cutoff in CUTOFFS]
    return dict(zip(METRICS, [float(np.median(rank)), *recalls], strict=True))


def average(draws: Sequence[Metrics]) -> Metrics:
    """Mean over draws of each measure: MedR is the mean of the draws' medians."""
    return {name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]}


def pool_name(pool: int, pairs: int) -> str:
    """How a pool out of `pairs` is called in metrics: all, else 1k, 10k, or the plain number.

    Names do not follow from the data, so that the metrics of several data sets line up.
    """
    if pool >= pairs:
        return WHOLE
    return f"{pool // 1000}k" if pool % 1000 == 0 else str(pool)


def pool_sizes(pools: Sequence[int], pairs: int) -> list[int]:
    """The pools that can be drawn, and the whole set, which a pool larger than it becomes too."""
    return sorted({*(min(pool, pairs) for pool in pools), pairs})


def draws(pairs: int, pool: int, count: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield `count` draws of `pool` out of `pairs` without replacement; the whole set needs one draw only."""
    random = np.random.default_rng([seed, pool])
    if pool >= pairs:
        yield np.arange(pairs)
        return
    for _ in range(count):
        yield random.choice(pairs, pool, replace=False)


def ranked_draws(
    images: Embeddings, recipes: Embeddings, pool: int, count: int, seed: int
) -> list[PoolRanks]:
    """Rank both directions in each draw; row i of `recipes` matches row i of `images`, unit vectors both."""
    drawn = draws(len(images), pool, count, seed)
    return [PoolRanks(rows, *ranks(images[rows], recipes[rows])) for rows in drawn]


def mean_metrics(drawn: Sequence[PoolRanks]) -> dict[str, Metrics]:
    """Measure both directions, as means over the draws."""
    return {
        direction: average([retrieval_metrics(getattr(draw, direction)) for draw in drawn])
        for direction in DIRECTIONS
    }


def estimates(drawn: Sequence[PoolRanks], pairs: int) -> dict[str, dict[str, Estimate]]:
    """Measure both directions in the draws of one pool out of a set of `pairs`."""
    return {
        direction: _estimates([d.rows for d in drawn], [getattr(d, direction) for d in drawn], pairs)
        for direction in DIRECTIONS
    }


def rank_pools(
    images: Embeddings, recipes: Embeddings, pools: Sequence[int], count: int, seed: int
) -> dict[int, list[PoolRanks]]:
    """Rank both directions in the draws of each pool, and in the whole set, whose pool is the largest."""
    sizes = pool_sizes(pools, len(images))
    return {pool: ranked_draws(images, recipes, pool, count, seed) for pool in sizes}


def evaluate(ranked: Mapping[int, Sequence[PoolRanks]]) -> Estimates:
    """Measure what `rank_pools` ranked, by the names of the pools."""
    pairs = max(ranked)
    return {pool_name(pool, pairs): estimates(drawn, pairs) for pool, drawn in ranked.items()}


def figures(found: Estimates) -> dict[str, Any]:
    """Lay out for metrics: means under their pools; under `spread`, what tells how sure they are."""
    means = {pool: _each(ways, lambda one: one.mean) for pool, ways in found.items()}
    spread = {pool: _each(ways, _spread) for pool, ways in found.items()}
    return {**means, "spread": spread}


def pool_facts(ranked: Mapping[int, Sequence[PoolRanks]]) -> dict[str, dict[str, int]]:
    """Of each pool by its name: candidates of a query, pairs that it is drawn from, and draws."""
    pairs = max(ranked)
    return {
        pool_name(pool, pairs): {"candidates": pool, "pairs": pairs, "draws": len(drawn)}
        for pool, drawn in ranked.items()
    }


def _spread(one: Estimate) -> dict[str, float]:
    return {"std": one.std, "low": one.low, "high": one.high}


def _estimates(rows: Sequence[Ranks], ranked: Sequence[Ranks], pairs: int) -> dict[str, Estimate]:
    each = [retrieval_metrics(rank) for rank in ranked]
    ends = intervals(rows, ranked, pairs, CUTOFFS)
    return {
        name: Estimate(mean, float(np.std([one[name] for one in each])), *end)
        for (name, mean), end in zip(average(each).items(), ends, strict=True)
    }


def _each(
    ways: Mapping[str, Mapping[str, Estimate]], what: Callable[[Estimate], Any]
) -> dict[str, dict[str, Any]]:
    return {way: {name: what(one) for name, one in found.items()} for way, found in ways.items()}
