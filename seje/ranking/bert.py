"""BERT rating: how near a term lies to its recipe's text under a sentence encoder. R recipes, T terms."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seje.progress import track
from seje.ranking.tfidf import Occurrences, term_counts

Floats = npt.NDArray[np.float32]
BLOCK = 256  # recipes at a time


class TextEncoder(Protocol):
    """What gives each text its unit vector; `PretrainedEncoder` does."""

    def encode(self, texts: list[str], description: str | None = None) -> Floats:
        """Return float32 [N, D], in the order of the texts."""


def bert(occurrences: Occurrences, texts: Iterable[str], encoder: TextEncoder) -> sp.csr_matrix:
    """Rate each term with the cosine similarity of its words and the recipe's text, 0 where it is negative.

    A term that points away from its recipe says nothing of it, so it weighs nothing; it keeps its place in
    the row. Each distinct term is encoded once. Returns float32 [R, T].

    Args:
        occurrences: the terms of the recipes.
        texts: the text of each recipe, in their order; `BLOCK` at a time are held.
        encoder: for terms and texts alike.
    """
    scores = term_counts(occurrences)
    spelled = [term.replace("_", " ") for term in occurrences.terms]
    terms = encoder.encode(spelled, "terms")
    remaining = iter(texts)
    for start in track(range(0, scores.shape[0], BLOCK), f"blocks of {BLOCK} recipes"):
        recipes = encoder.encode(list(islice(remaining, BLOCK)))
        _rate(scores, start, recipes, terms)
    return scores


def _rate(scores: Any, start: int, recipes: Floats, terms: Floats) -> None:
    """Put the similarities in the place of the counts, from row `start` on."""
    for row, recipe in enumerate(recipes, start):
        part = slice(scores.indptr[row], scores.indptr[row + 1])
        scores.data[part] = np.maximum(terms[scores.indices[part]] @ recipe, 0)
