"""Term rating: one score per term and recipe. Section 2.2 of the paper; here TF-IDF.

A rater is a function of `Occurrences` and of what it rates by; it returns the scores, none negative, as a
sparse matrix, the terms of each row in the order of their ids. R recipes, T distinct terms, N occurrences.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Occurrences:
    """Key terms in the order of the text: recipe r has `terms[i] for i in ids[offsets[r]:offsets[r + 1]]`."""

    terms: list[str]  # [T], distinct
    ids: Ints  # [N]
    offsets: Ints  # [R + 1]


def number_terms(chunks: Iterable[Any]) -> Occurrences:
    """Number the terms in the order in which they first come up.

    Args:
        chunks: pyarrow arrays of lists of strings, one list a recipe; one at a time is held.
    """
    numbers: dict[str, int] = {}
    ids, lengths = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)]
    for chunk in chunks:
        spelled = pc.list_flatten(chunk).dictionary_encode()
        own = [numbers.setdefault(term, len(numbers)) for term in spelled.dictionary.to_pylist()]
        ids.append(np.array(own, np.int32)[spelled.indices.to_numpy()])
        lengths.append(pc.list_value_length(chunk).fill_null(0).to_numpy())
    return Occurrences(list(numbers), np.concatenate(ids), np.cumsum(np.concatenate(lengths)))


def tfidf(occurrences: Occurrences, train: Bools) -> sp.csr_matrix:
    """Rate term t of recipe r with tf(t, r) * (1 + log((1 + N) / (1 + df(t)))).

    tf is the number of occurrences; N and df(t) count the recipes of `train` [R] alone, smoothed as if one
    more recipe held every term. So a term of every recipe still counts, and one that train does not have
    (df = 0) gets the highest IDF. Returns float32 [R, T].
    """
    counts = term_counts(occurrences)
    if not (train.any() and occurrences.terms):
        return counts
    rater = TfidfTransformer(norm=None, smooth_idf=True).fit(counts[np.flatnonzero(train)])
    return sp.csr_matrix(rater.transform(counts, copy=False))


def term_counts(occurrences: Occurrences) -> sp.csr_matrix:
    """Count the occurrences of each term in each recipe: float32 [R, T]."""
    values = (np.ones(len(occurrences.ids), np.float32), occurrences.ids, occurrences.offsets)
    shape = (len(occurrences.offsets) - 1, len(occurrences.terms))
    counts = sp.csr_matrix(values, shape=shape, copy=True)  # what follows sorts the ids in place
    counts.sum_duplicates()
    return counts
