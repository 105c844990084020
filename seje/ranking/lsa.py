"""All words of a recipe as one vector: TF-IDF under truncated SVD, latent semantic analysis.

Not of the paper, which knows key terms and sentences alone. Deerwester et al., Indexing by latent semantic
analysis, 1990. R recipes, V words of the vocabulary, W dimensions that are kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from seje.data.recipe_text import recipe_text

Floats = npt.NDArray[np.float32]
MIN_RECIPES = 2  # a word of one recipe says nothing of others
MAX_WORDS = 20_000  # the most frequent
# Times that a title counts: more than any line, it says what the photo shows. Chosen on paprika's val pairs
# by the score of the linear part alone: 0.788 once, 0.800 twice, 0.815 four times, 0.816 seven times
# (docs/experiments.md, "Paprika with titles that count and 18 views"); not chosen anew for other data.
TITLE = 4


@dataclass(frozen=True)
class WordSpace:
    """Vocabulary, IDF of the train partition, and the axes of the SVD."""

    vocabulary: list[str]  # V
    idf: Floats  # [V]
    axes: Floats  # [V, W]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.vocabulary)

    @cached_property
    def _parts(self) -> Callable[[str], list[str]]:
        """What takes a text apart into words, as `transform` does; made once, since that takes long."""
        parts: Callable[[str], list[str]] = _vectorizer().build_analyzer()
        return parts

    def knows(self, word: str) -> bool:
        """Whether a word, or a part of it as in `all-purpose`, has a place here."""
        return not self._known.isdisjoint(self._parts(word))

    def transform(self, texts: Sequence[str]) -> Floats:
        """Place texts: float32 [R, W], at most of length 1, zero where no word is known."""
        vectorizer = _vectorizer(vocabulary=self.vocabulary)
        vectorizer.idf_ = self.idf
        placed: Floats = vectorizer.transform(texts) @ self.axes
        return placed


def words_text(title: str, ingredients: Sequence[str], instructions: Sequence[str]) -> str:
    """All words of a recipe as one text, those of the title TITLE times."""
    return recipe_text(title, ingredients, instructions, TITLE)


def word_space(texts: Sequence[str], size: int, seed: int = 0) -> WordSpace:
    """Learn a word space from the texts of train: at most `size` dimensions, fewer where there is less text.

    Raises ValueError where no word is in MIN_RECIPES texts.
    """
    from sklearn.decomposition import TruncatedSVD

    vectorizer = _vectorizer(min_df=MIN_RECIPES, max_features=MAX_WORDS)
    weights = vectorizer.fit_transform(texts)
    svd = TruncatedSVD(min(size, *weights.shape), random_state=seed).fit(weights)
    vocabulary = vectorizer.get_feature_names_out().tolist()
    return WordSpace(vocabulary, vectorizer.idf_.astype(np.float32), svd.components_.T.astype(np.float32))


def _vectorizer(**settings: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32, **settings)
