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


def groups(count: int, keys: Iterable[npt.NDArray[Any]], same: Callable[[Rows, Rows], Any]) -> list[Rows]:
    """Find the groups of two or more items that are the same, directly or through others.

    Args:
        count: items N.
        keys: arrays (N,); items that agree in any of them are compared. Time is N log N for each key.
        same: tells for pairs of rows, (C,) and (C,), which are the same.
    """
    edges = [np.empty((2, 0), np.int64)]
    for key in keys:
        _, first, run = np.unique(key, return_index=True, return_inverse=True)
        left, right = first[run], np.arange(count)
        left, right = left[left != right], right[left != right]
        agree = same(left, right)
        edges.append(np.stack([left[agree], right[agree]]))
    left, right = np.concatenate(edges, axis=1)
    links = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    _, label = connected_components(links, directed=False)
    members, order = np.bincount(label), np.argsort(label, kind="stable")
    found = np.split(order, np.cumsum(members)[:-1])
    return sorted((rows for rows in found if len(rows) > 1), key=lambda rows: int(rows[0]))


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
