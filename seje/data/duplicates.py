"""Items that are nearly the same, by locality-sensitive hashing: recipes by words, photos by looks.

Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3. N items.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from seje.data.records import PARTITIONS

Rows = npt.NDArray[np.int64]

REACH = 50  # items after it that each is compared with, of those that agree with it in a key
TOGETHER = 2**16  # pairs that are compared at once


def groups(count: int, keys: Iterable[npt.NDArray[Any]], same: Callable[[Rows, Rows], Any]) -> list[Rows]:
    """Find the groups of two or more items that are the same, directly or through others.

    All pairs are compared of up to REACH + 1 items that agree in a key. Where more agree, each is compared
    with the next REACH in the order of their rows, so that time is N log N + N REACH for each key, whatever
    the keys are; of two alike that lie further apart there, the other keys tell.

    Args:
        count: items N.
        keys: arrays (N,); items that agree in any of them are compared.
        same: tells for pairs of rows, (C,) and (C,), which are the same.
    """
    edges = [np.empty((2, 0), np.int64)]
    for key in keys:
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        start = np.arange(count)
        for step in range(1, REACH + 1):
            start = start[start < count - step]
            start = start[ordered[start] == ordered[start + step]]
            if not len(start):
                break
            edges += [_agreeing(order[some], order[some + step], same) for some in _pieces(start)]
    left, right = np.concatenate(edges, axis=1)
    links = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    _, label = connected_components(links, directed=False)
    members, order = np.bincount(label), np.argsort(label, kind="stable")
    found = np.split(order, np.cumsum(members)[:-1])
    return sorted((rows for rows in found if len(rows) > 1), key=lambda rows: int(rows[0]))


def without(found: Sequence[Rows], dropped: Rows, count: int) -> list[Rows]:
    """Give what is left of groups of `count` items without the rows `dropped`, where it is two or more."""
    kept = np.ones(count, bool)
    kept[dropped] = False
    left = (rows[kept[rows]] for rows in found)
    return [rows for rows in left if len(rows) > 1]


def repeating_test(found: Sequence[Rows], partitions: npt.NDArray[Any]) -> Rows:
    """Rows of train and val whose group has a member in test."""
    leaking = [rows for rows in found if "test" in partitions[rows]]
    rows = np.concatenate([np.empty(0, np.int64), *leaking])
    return np.sort(rows[partitions[rows] != "test"])


def between_partitions(found: Sequence[Rows], partitions: npt.NDArray[Any]) -> dict[str, int]:
    """Count items in groups, and groups that have members in both partitions, for each pair of partitions."""
    counts = Counter(
        f"{one}_{other}"
        for rows in found
        for one, other in combinations(PARTITIONS, 2)
        if {one, other} <= set(partitions[rows])
    )
    pairs = [f"{one}_{other}" for one, other in combinations(PARTITIONS, 2)]
    return {"all": sum(map(len, found)), "groups": len(found)} | {pair: counts[pair] for pair in pairs}


def _pieces(start: Rows) -> list[Rows]:
    return np.array_split(start, len(start) // TOGETHER + 1)


def _agreeing(left: Rows, right: Rows, same: Callable[[Rows, Rows], Any]) -> Rows:
    agree = same(left, right)
    return np.stack([left[agree], right[agree]])
