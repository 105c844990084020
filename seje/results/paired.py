"""Whether two models differ: 95 % intervals of the difference, by a bootstrap over queries and seeds.

Both are asked the same queries, and trained with the same seeds. So what is drawn again with replacement are
the queries, for both models and all seeds alike, and the seeds, for both models alike (Owen, The pigeonhole
bootstrap, 2007); the rest of the noise is in the differences. Of S seeds S - 1 are drawn, which makes the
variance over seeds that of their mean, and not (S - 1) / S of it (Rao & Wu, 1988): S is about three here.
On simulated rows with three seeds, 97 to 99 of 100 intervals hold the true difference where queries make the
noise, and 87 where seeds make nearly all of it (tests/results/test_paired.py has the model).

Shapes: S seeds, N queries, C resamples at a time, K measures.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seje.retrieval.bootstrap import LEVELS, RESAMPLES, RESAMPLES_AT_A_TIME, SEED, draw_counts, resampled
from seje.retrieval.names import CUTOFFS, METRICS
from seje.retrieval.protocol import average, retrieval_metrics
from seje.retrieval.ranks import Ranks

Doubles = npt.NDArray[np.float64]
Seeds = npt.NDArray[np.int64]  # [S, 2, N]: ranks of the queries in both directions, for each seed


class Difference(NamedTuple):
    """A measure of two models, means of directions and seeds, and the interval of one less the other."""

    one: float
    other: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """One less the other."""
        return self.one - self.other

    @property
    def told_apart(self) -> bool:
        """Whether the interval leaves 0 out."""
        return not self.low <= 0 <= self.high


def differences(one: Seeds, other: Seeds) -> dict[str, Difference]:
    """What `one` differs from `other` in each measure; the same queries and seeds, as `difference_intervals`.

    Of ranks [S, 1, N], those of one direction, the measures are that direction's.
    """
    means = [average([direction_mean(ranked) for ranked in side]) for side in (one, other)]
    ends = difference_intervals(one, other, CUTOFFS)
    return {
        name: Difference(means[0][name], means[1][name], *end)
        for name, end in zip(METRICS, ends, strict=True)
    }


def direction_mean(ranked: Ranks) -> dict[str, float]:
    """Measures of one seed's ranks [2, N]: means of both directions."""
    return average([retrieval_metrics(way) for way in ranked])


def difference_intervals(one: Seeds, other: Seeds, cutoffs: Sequence[int]) -> list[tuple[float, float]]:
    """Intervals of `one` less `other` in MedR and the recall at each cutoff: means of directions and seeds.

    Args:
        one: ranks [S, 2, N].
        other: ranks [S, 2, N] of the same queries, with the same seeds.
        cutoffs: K of R@K.
    """
    seeds, _, queries = one.shape
    random = np.random.default_rng([SEED, queries, seeds])
    found = []
    for _ in range(RESAMPLES // RESAMPLES_AT_A_TIME):
        counts = draw_counts(queries, random)
        differences = np.stack(
            [
                _measures(o, counts, cutoffs) - _measures(t, counts, cutoffs)
                for o, t in zip(one, other, strict=True)
            ]
        )  # [S, C, K]
        picked = random.integers(seeds, size=(max(1, seeds - 1), counts.shape[1]))
        found.append(np.take_along_axis(differences, picked[:, :, None], axis=0).mean(axis=0))
    low, high = np.quantile(np.concatenate(found), LEVELS, axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _measures(ranked: Ranks, counts: npt.NDArray[np.uint8], cutoffs: Sequence[int]) -> Doubles:
    """Measures of each resample, [C, K]: means of both directions of one seed's ranks [2, N]."""
    rows = np.arange(ranked.shape[1])
    both: Doubles = np.mean([resampled([rows], [way], counts, cutoffs) for way in ranked], axis=0)
    return both
