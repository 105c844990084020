"""A few queries with what lies nearest to them, for people to look at."""

from typing import NamedTuple

import numpy as np

from seje.retrieval.ranks import Ranks, Vectors


class Answers(NamedTuple):
    """The nearest items of some queries, nearest first; pair i's query and item are both called i."""

    queries: Ranks  # (Q,)
    nearest: Ranks  # (Q, K)


def nearest(queries: Vectors, items: Vectors, count: int, most: int) -> Answers:
    """Ask `count` queries (or all, if fewer), spread evenly over the set, for their `most` nearest items.

    Args:
        queries: (N, E) unit vectors.
        items: (N, E) unit vectors; item i is the right answer to query i.
        count: queries Q to ask.
        most: items K to give for each.
    """
    chosen = np.unique(np.linspace(0, len(queries) - 1, count).round().astype(np.int64))
    similarity = queries[chosen] @ items.T
    return Answers(chosen, np.argsort(-similarity, axis=1, kind="stable")[:, :most])
