"""The raters behind one interface: what rated the corpus rates a user's recipe too. Section 2.2."""

from collections.abc import Callable, Iterable
from typing import Literal

import scipy.sparse as sp

from seje.text.bert import bert
from seje.text.minilm import load_encoder
from seje.text.rating import Idf, Occurrences, tfidf
from seje.text.textrank import textrank

Rater = Callable[[Occurrences, Iterable[str]], sp.csr_matrix]  # terms and texts of R recipes: scores [R, T]


def rater(
    method: Literal["tfidf", "textrank", "bert"], window: int, damping: float, model: str | None, idf: Idf
) -> Rater:
    """Make the rater of a method; what belongs to the others is not looked at."""
    if method == "textrank":
        return lambda occurrences, _: textrank(occurrences, window, damping)
    if method == "bert":
        encoder = load_encoder(str(model))
        return lambda occurrences, texts: bert(occurrences, texts, encoder)
    return lambda occurrences, _: tfidf(occurrences, idf)
