"""How sure a figure is: 95 % intervals by the bootstrap over queries (Efron, 1979).

One pair is a query in several draws, and its ranks there are alike. So it is the pairs of the set that are
drawn again with replacement, and each counts in every draw as often as it came; ranks stay what they are.

Shapes: N pairs of the set, D draws, P pairs in a draw, C resamples at a time.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seje.retrieval.ranks import Ranks

Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.uint8]

RESAMPLES = 1000
RESAMPLES_AT_A_TIME = 50  # resamples that are counted at a time; memory is this x N
LEVELS = (0.025, 0.975)
SEED = 0


def intervals(
    rows: Sequence[Ranks], ranked: Sequence[Ranks], pairs: int, cutoffs: Sequence[int]
) -> list[tuple[float, float]]:
    """Intervals of MedR and of the recall at each cutoff, both as means over draws.

    Args:
        rows: of each draw, the pairs in it, [P].
        ranked: of each draw, the ranks of their queries, [P].
        pairs: size N of the set that the draws are from.
        cutoffs: K of R@K.
    """
    random = np.random.default_rng([SEED, pairs])
    found = [
        resampled(rows, ranked, draw_counts(pairs, random), cutoffs)
        for _ in range(RESAMPLES // RESAMPLES_AT_A_TIME)
    ]
    low, high = np.nanquantile(np.concatenate(found), LEVELS, axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def draw_counts(pairs: int, random: np.random.Generator) -> Counts:
    """How often each pair comes in each resample, [N, C]."""
    drawn = random.integers(pairs, size=(RESAMPLES_AT_A_TIME, pairs))
    return np.stack([np.bincount(again, minlength=pairs) for again in drawn], axis=1).astype(np.uint8)


def resampled(
    rows: Sequence[Ranks], ranked: Sequence[Ranks], counts: Counts, cutoffs: Sequence[int]
) -> Doubles:
    """MedR and recalls of each resample, [C, 1 + cutoffs]; a draw that has none of its pairs is left out."""
    draws = []
    for chosen, rank in zip(rows, ranked, strict=True):
        order = np.argsort(rank, kind="stable")
        upto = np.cumsum(counts[chosen[order]], axis=0, dtype=np.int32)  # [P, C] in order of rank
        total = np.where(upto[-1], upto[-1], np.nan)
        hits = np.concatenate([np.zeros_like(upto[:1]), upto])[np.searchsorted(rank[order], cutoffs, "right")]
        draws.append(np.column_stack([_medians(rank[order], upto), *(hits / total)]))
    present = np.sum(~np.isnan(draws), axis=0)
    means: Doubles = np.nansum(draws, axis=0) / np.where(present, present, np.nan)
    return means


def _medians(rank: Ranks, upto: npt.NDArray[np.int32]) -> Doubles:
    """Medians of sorted ranks that count as often as the steps of `upto`, [C]; NaN where none counts."""
    total = upto[-1]
    lower, upper = (np.sum(upto <= place, axis=0) for place in ((total - 1) // 2, total // 2))
    last = len(rank) - 1
    middle = (rank[np.minimum(lower, last)] + rank[np.minimum(upper, last)]) / 2
    return np.where(total > 0, middle, np.nan)
