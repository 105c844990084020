"""Term rating: one score per term and recipe. Section 2.2 of the paper; here TF-IDF.

A rater is a function of `Occurrences` and of what it rates by; it returns the scores, none negative, as a
sparse matrix, the terms of each row in the order of their ids. R recipes, T distinct terms, N occurrences.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import scipy.sparse as sp

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Occurrences:
    """Key terms in the order of the text: recipe r has `terms[i] for i in ids[offsets[r]:offsets[r + 1]]`."""

    terms: list[str]  # [T], distinct
    ids: Ints  # [N]
    offsets: Ints  # [R + 1]

    def only(self, kept: Bools) -> "Occurrences":
        """Keep those of the occurrences where `kept` [N] says so; the terms keep their numbers."""
        before = np.concatenate([[0], np.cumsum(kept)])
        return Occurrences(self.terms, self.ids[kept], before[self.offsets])

    def in_order(self, numbers: Mapping[str, int]) -> "Occurrences":
        """Number the terms anew, in the order that they have by `numbers`."""
        order = np.array(sorted(range(len(self.terms)), key=lambda id_: numbers[self.terms[id_]]), np.int32)
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        return Occurrences([self.terms[id_] for id_ in order], places[self.ids], self.offsets)


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


def document_frequencies(occurrences: Occurrences, chosen: Bools) -> Ints:
    """Count in how many of the chosen recipes [R] each term is: [T]."""
    counts = term_counts(occurrences)[np.flatnonzero(chosen)]
    return np.bincount(counts.indices, minlength=counts.shape[1])


@dataclass(frozen=True)
class Idf:
    """Inverse document frequencies of the train partition, for recipes of the corpus and for any other."""

    weights: Mapping[str, float]  # of the terms that train has
    unseen: float  # of all others

    @classmethod
    def fit(cls, frequencies: Mapping[str, int], recipes: int) -> "Idf":
        """Weigh terms by in how many of the recipes of train each is: 1 + log((1 + N) / (1 + df(t)))."""
        having = np.array(list(frequencies.values()), np.int64)
        weights = 1 + np.log((1 + recipes) / (1 + having))
        found = zip(frequencies.items(), weights.tolist(), strict=True)
        return cls({term: weight for (term, count), weight in found if count}, float(1 + np.log(1 + recipes)))

    @classmethod
    def stored(cls, terms: Sequence[str], weights: Sequence[float]) -> "Idf":
        """Take terms and their weights as they are stored: the empty term's is that of any unseen one."""
        by_term = dict(zip(terms, weights, strict=True))
        return cls(by_term, by_term.pop(""))

    def of(self, terms: Sequence[str]) -> npt.NDArray[np.float32]:
        """Give the weight of each term: [T]."""
        return np.array([self.weights.get(term, self.unseen) for term in terms], np.float32)


def tfidf(occurrences: Occurrences, idf: Idf) -> sp.csr_matrix:
    """Rate term t of recipe r with tf(t, r) * (1 + log((1 + N) / (1 + df(t)))).

    tf is the number of occurrences; N and df(t) count the recipes of train alone, smoothed as if one more
    recipe held every term. So a term of every recipe still counts, and one that train does not have (df = 0)
    gets the highest IDF. Returns float32 [R, T].
    """
    counts = term_counts(occurrences)
    counts.data *= idf.of(occurrences.terms)[counts.indices]
    return counts


def term_counts(occurrences: Occurrences) -> sp.csr_matrix:
    """Count the occurrences of each term in each recipe: float32 [R, T]."""
    values = (np.ones(len(occurrences.ids), np.float32), occurrences.ids, occurrences.offsets)
    shape = (len(occurrences.offsets) - 1, len(occurrences.terms))
    counts = sp.csr_matrix(values, shape=shape, copy=True)  # what follows sorts the ids in place
    counts.sum_duplicates()
    return counts
