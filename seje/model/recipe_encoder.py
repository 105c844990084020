"""Phase I on any recipe's text, also a user's own: the steps of the stages, with what they have trained.

R recipes, S instructions, D word vector, H sentence vector, W word space.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from seje.corpus.cleaning import clean
from seje.data.recipe_text import recipe_text
from seje.instructions.encoders import SentenceEncoder
from seje.keyterms.extractor import Extractor
from seje.ranking.lsa import WordSpace, words_text
from seje.ranking.methods import Rater
from seje.ranking.term_feature import weighted_features
from seje.ranking.tfidf import number_terms
from seje.text.vectors import WordVectors, term_table
from seje.towers.features import LineVectors, RecipeFeatures


@dataclass(frozen=True)
class RecipeText:
    """A recipe as it is written; any part may be empty."""

    title: str = ""
    ingredients: list[str] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.title or self.ingredients or self.instructions)


def recipe_of(data: Any) -> RecipeText:
    """Take a recipe of JSON data: any of title, ingredients, instructions; lines as strings or {"text": ...}.

    Raises ValueError, which says what is wrong.
    """
    if not isinstance(data, dict) or not data.keys() & {"title", "ingredients", "instructions"}:
        raise ValueError("needs an object with a title, ingredients or instructions")
    title = data.get("title") or ""
    if not isinstance(title, str):
        raise ValueError("title is not a string")
    return RecipeText(clean(title), _lines(data, "ingredients"), _lines(data, "instructions"))


def _lines(data: dict[str, Any], part: str) -> list[str]:
    lines = data.get(part) or []
    if not isinstance(lines, list):
        raise ValueError(f"{part} is not a list of lines")
    texts = [line.get("text") if isinstance(line, dict) else line for line in lines]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"a line of {part} has no text")
    return [line for line in (clean(str(text)) for text in texts) if line]


@dataclass(frozen=True)
class RecipeEncoder:
    """Reads recipes with the trained parts of phase I; without a `space` there is no feature of all words."""

    extractor: Extractor
    rater: Rater
    vectors: WordVectors
    encoder: SentenceEncoder
    space: WordSpace | None
    weighted_mean: bool
    l2: bool

    def read(self, recipes: Sequence[RecipeText]) -> RecipeFeatures:
        """Compute the features of some recipes; zeros mark what is missing, categories too."""
        parts = [(recipe.title, recipe.ingredients, recipe.instructions) for recipe in recipes]
        texts = [recipe_text(*part) for part in parts]
        none = np.zeros((len(recipes), 0), np.float32)
        words = self.space.transform([words_text(*part) for part in parts]) if self.space else none
        instructions = self._encode([recipe.instructions for recipe in recipes])
        lines = self._encode([[recipe.title, *recipe.ingredients] for recipe in recipes])
        background = np.zeros(len(recipes), np.int64)
        return RecipeFeatures(self._terms(recipes, texts), instructions, words, background, lines)

    def _encode(self, lists: list[list[str]]) -> LineVectors:
        """Vectors of all lines, as the stage stores them."""
        lines = [line for lines in lists for line in lines]
        encoded = self.encoder.encode(lines or [""])  # a batch is gathered from one vector at least
        return LineVectors(encoded.astype(np.float16), np.cumsum([0] + [len(lines) for lines in lists]))

    def _terms(self, recipes: Sequence[RecipeText], texts: list[str]) -> npt.NDArray[np.float32]:
        found: Any = [[term.term for term in self._of(recipe)] for recipe in recipes]
        occurrences = number_terms([pa.array(found, pa.list_(pa.string()))])
        table, known = term_table(self.vectors, occurrences.terms)
        scores = self.rater(occurrences, texts)
        return weighted_features(scores, table, known, self.weighted_mean, self.l2)

    def term_words(self, recipe: RecipeText) -> set[str]:
        """Collect the words of a recipe's key terms that have a vector, as the terms spell them."""
        terms = {term.term for term in self._of(recipe)}
        own = {word for term in terms if term in self.vectors.rows for word in term.split("_")}
        return own | {word for term in terms for word in term.split("_") if word in self.vectors.rows}

    def _of(self, recipe: RecipeText) -> Any:
        return self.extractor.terms(recipe.title, recipe.ingredients, recipe.instructions)
