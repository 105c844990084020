"""A few queries with what lies nearest to them, for people to look at."""

from typing import NamedTuple

import numpy as np

from seje.retrieval.ranks import Embeddings, Ranks
from seje.towers.features import spread

QUERIES_AT_A_TIME = 64  # queries that are compared at a time; memory is this x N


class Answers(NamedTuple):
    """The nearest items of some queries, nearest first; pair i's query and item are both called i."""

    queries: Ranks  # [Q]
    nearest: Ranks  # [Q, K]
    cosines: Embeddings  # [Q, K]


def nearest(queries: Embeddings, items: Embeddings, count: int, most: int) -> Answers:
    """Ask `count` queries (or all, if fewer), spread evenly over the set, for their `most` nearest items.

    Args:
        queries: [N, E] unit vectors.
        items: [N, E] unit vectors; item i is the right answer to query i.
        count: queries Q to ask.
        most: items K to give for each.
    """
    chosen = spread(len(queries), count)
    found, cosines = [], []
    for rows in np.array_split(chosen, -(-len(chosen) // QUERIES_AT_A_TIME)):
        compared = queries[rows] @ items.T
        found.append(np.argsort(-compared, axis=1, kind="stable")[:, :most])
        cosines.append(np.take_along_axis(compared, found[-1], axis=1))
    return Answers(chosen, np.concatenate(found), np.concatenate(cosines))
