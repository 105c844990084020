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

REACH = 30  # items after it that each is compared with, of those that agree with it in a key
PAIRS_AT_A_TIME = 2**16  # pairs that are compared at once


def groups(count: int, keys: Iterable[npt.NDArray[Any]], same: Callable[[Rows, Rows], Any]) -> list[Rows]:
    """Find the groups of two or more items that are the same, directly or through others.

    All pairs are compared of up to REACH + 1 items that agree in a key. Where more agree, each is compared
    with the next REACH in the order of their rows, so that time is N log N + N REACH for each key, whatever
    the keys are; of two alike that lie further apart there, the other keys tell.

    Args:
        count: items N.
        keys: arrays [N]; items that agree in any of them are compared.
        same: tells for pairs of rows, [C] and [C], which are the same.
    """
    linked = _Linked(count)
    for key in keys:
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        start = np.arange(count)
        for step in range(1, REACH + 1):
            start = start[start < count - step]
            start = start[ordered[start] == ordered[start + step]]
            if not len(start):
                break
            linked.add(order[start], order[start + step], same)
    label = linked.labels()
    members, order = np.bincount(label), np.argsort(label, kind="stable")
    found = np.split(order, np.cumsum(members)[:-1])
    return sorted((rows for rows in found if len(rows) > 1), key=lambda rows: int(rows[0]))


class _Linked:
    """Which of N items are the same, directly or through others; it holds N pairs at most."""

    def __init__(self, count: int) -> None:
        self._label = np.arange(count)
        self._pairs: list[Rows] = []

    def add(self, left: Rows, right: Rows, same: Callable[[Rows, Rows], Any]) -> None:
        """Link those of the pairs [C], [C] that are the same; what is linked already is not compared."""
        new = self._label[left] != self._label[right]
        left, right = left[new], right[new]
        for some in np.array_split(np.arange(len(left)), len(left) // PAIRS_AT_A_TIME + 1):
            agree = same(left[some], right[some])
            self._pairs.append(np.stack([left[some][agree], right[some][agree]]))
        if sum(pairs.shape[1] for pairs in self._pairs) > len(self._label):
            self.labels()

    def labels(self) -> Rows:
        """Number of each item's group, [N]."""
        count = len(self._label)
        left, right = self._label[np.concatenate([np.empty((2, 0), np.int64), *self._pairs], axis=1)]
        links = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
        _, group = connected_components(links, directed=False)
        self._pairs = []
        self._label = group[self._label]
        return self._label


def without(found: Sequence[Rows], dropped: Rows, count: int, numbered: bool = False) -> list[Rows]:
    """Give what is left of groups of `count` items without the rows `dropped`, where it is two or more.

    With `numbered`, rows are counted among those that are left.
    """
    kept = np.ones(count, bool)
    kept[dropped] = False
    left = (rows[kept[rows]] for rows in found)
    number = np.cumsum(kept) - 1 if numbered else np.arange(count)
    return [number[rows] for rows in left if len(rows) > 1]


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
