"""TextRank: PageRank on the graph of the terms that stand near each other in a recipe.

Mihalcea & Tarau, "TextRank: Bringing Order into Text" (EMNLP 2004). The graphs of many recipes are worked on
as one that falls apart into them. R recipes, T distinct terms, V nodes (a term of a recipe each).
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seje.progress import track
from seje.ranking.tfidf import Ints, Occurrences

Doubles = npt.NDArray[np.float64]
ROWS = 4096  # recipes at a time
PRECISION = 1e-7  # at most this far, in all, are the scores of a recipe from those of endless steps


def textrank(occurrences: Occurrences, window: int, damping: float) -> sp.csr_matrix:
    """Rate the terms of each recipe with their PageRank in its co-occurrence graph.

    Two different terms are joined by an edge as often as they stand less than `window` places apart (2: side
    by side). A recipe's scores are positive and sum to 1. Returns float32 [R, T].

    Args:
        occurrences: the terms in their order.
        window: terms looked at together, 2 or more.
        damping: how likely the next step follows an edge, between 0 and 1.
    """
    starts = range(0, len(occurrences.offsets) - 1, ROWS)
    parts = [
        _rate(occurrences, start, window, damping)
        for start in track(starts, f"TextRank, blocks of {ROWS} recipes")
    ]
    return sp.vstack([sp.csr_matrix((0, len(occurrences.terms)), dtype=np.float32), *parts], format="csr")


def _rate(occurrences: Occurrences, start: int, window: int, damping: float) -> sp.csr_matrix:
    offsets = occurrences.offsets[start : start + ROWS + 1]
    ids = occurrences.ids[offsets[0] : offsets[-1]].astype(np.int64)
    recipes = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    size = max(1, len(occurrences.terms))
    nodes, places = np.unique(recipes * size + ids, return_inverse=True)
    owners = nodes // size
    scores = pagerank(_cooccurrences(places, owners, window), owners, damping)
    rows = np.searchsorted(owners, np.arange(len(offsets)))
    shape = (len(offsets) - 1, len(occurrences.terms))
    return sp.csr_matrix((scores.astype(np.float32), (nodes % size).astype(np.int32), rows), shape=shape)


def _cooccurrences(places: Ints, owners: Ints, window: int) -> Any:
    """Join the nodes, given in the order of the text, that are near each other: sparse, symmetric [V, V]."""
    near = []
    for step in range(1, window):
        left, right = places[:-step], places[step:]
        joined = (owners[left] == owners[right]) & (left != right)
        near.append((left[joined], right[joined]))
    left, right = (np.concatenate(ends) for ends in zip(*near, strict=True))
    shape = (len(owners), len(owners))
    graph = sp.coo_matrix((np.ones(len(left)), (left, right)), shape=shape).tocsr()
    return graph + graph.T


def pagerank(graph: Any, owners: Ints, damping: float) -> Doubles:
    """Compute PageRank in every recipe's own graph by power iteration; each sums to 1.

    From a node without edges the next step leads to any node of the recipe alike.

    Args:
        graph: sparse, symmetric [V, V], edge weights, no edge from recipe to recipe.
        owners: recipe of each node [V], ascending.
        damping: how likely the next step follows an edge, between 0 and 1.
    """
    share = 1 / np.bincount(owners)[owners]
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    lone = degrees == 0
    follow = graph @ sp.diags(damping / np.where(lone, 1, degrees))
    scores = share
    for _ in range(math.ceil(math.log(PRECISION / 2) / math.log(damping))):
        leaps = 1 - damping + damping * np.bincount(owners, scores * lone)[owners]
        scores = follow @ scores + leaps * share
    return scores
