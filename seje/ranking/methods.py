"""The raters behind one interface: what rated the corpus rates a user's recipe too. Section 2.2."""

from collections.abc import Callable, Iterable

import scipy.sparse as sp

from seje.instructions.pretrained import load_encoder
from seje.ranking.bert import bert
from seje.ranking.settings import RankingSettings
from seje.ranking.textrank import textrank
from seje.ranking.tfidf import Idf, Occurrences, tfidf

Rater = Callable[[Occurrences, Iterable[str]], sp.csr_matrix]  # terms and texts of R recipes: scores [R, T]


def rater(settings: RankingSettings, idf: Idf) -> Rater:
    """Make the rater of `settings.method`; what belongs to the others is not looked at."""
    if settings.method == "textrank":
        return lambda occurrences, _: textrank(occurrences, settings.window, settings.damping)
    if settings.method == "bert":
        encoder = load_encoder(str(settings.model))
        return lambda occurrences, texts: bert(occurrences, texts, encoder)
    return lambda occurrences, _: tfidf(occurrences, idf)
