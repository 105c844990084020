"""The papers' protocol: median rank and recall over random draws of a pool, in both directions."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from seje.retrieval.ranks import Ranks, Vectors, ranks

Measures = dict[str, float]
CUTOFFS = (1, 5, 10)


def measures(rank: Ranks) -> Measures:
    """MedR, and R@K as the share of queries with rank <= K, of the ranks of one draw."""
    recalls = {f"R@{k}": float(np.mean(rank <= k)) for k in CUTOFFS}
    return {"MedR": float(np.median(rank)), **recalls}


def average(draws: Sequence[Measures]) -> Measures:
    """Mean over draws of each measure: MedR is the mean of the draws' medians."""
    return {name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]}


def pool_name(pool: int) -> str:
    """How a pool size is called in metrics: 1k, 10k, or the plain number."""
    return f"{pool // 1000}k" if pool % 1000 == 0 else str(pool)


def pool_sizes(pools: Sequence[int], pairs: int) -> list[int]:
    """The pools that can be drawn: a pool larger than the set becomes the whole set."""
    return sorted({min(pool, pairs) for pool in pools})


def draws(pairs: int, pool: int, count: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield `count` draws of `pool` out of `pairs` without replacement; the whole set needs one draw only."""
    random = np.random.default_rng([seed, pool])
    if pool == pairs:
        yield np.arange(pairs)
        return
    for _ in range(count):
        yield random.choice(pairs, pool, replace=False)


def evaluate(
    images: Vectors, recipes: Vectors, pools: Sequence[int], count: int, seed: int
) -> dict[str, dict[str, Measures]]:
    """Measure both directions over the same draws: {pool: {direction: measures}}."""
    results = {}
    for pool in pool_sizes(pools, len(images)):
        drawn = [ranks(images[rows], recipes[rows]) for rows in draws(len(images), pool, count, seed)]
        results[pool_name(pool)] = {
            "image_to_recipe": average([measures(to_recipe) for to_recipe, _ in drawn]),
            "recipe_to_image": average([measures(to_image) for _, to_image in drawn]),
        }
    return results
