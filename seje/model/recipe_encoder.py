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
from seje.ranking.tfidf import Occurrences, number_terms
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


PARTS = {"title": "name", "ingredients": "recipeIngredient", "instructions": "recipeInstructions"}


def recipe_of(data: Any) -> RecipeText:
    """Take a recipe as people have it: title, ingredients, instructions, or schema.org's names of them.

    Any part may be missing. A text alone is a title. Lines are strings, {"text": ...}, or one text of
    lines; schema.org's sections of instructions are their steps. Raises ValueError, which says what is wrong.
    """
    if isinstance(data, RecipeText):
        return data
    if isinstance(data, str):
        return RecipeText(clean(data))
    if not isinstance(data, dict) or not data.keys() & {*PARTS, *PARTS.values()}:
        raise ValueError("needs an object with a title, ingredients or instructions")
    title = data.get("title") or data.get(PARTS["title"]) or ""
    if not isinstance(title, str):
        raise ValueError("title is not a string")
    return RecipeText(clean(title), _lines(data, "ingredients"), _lines(data, "instructions"))


def _lines(data: dict[str, Any], part: str) -> list[str]:
    lines = data.get(part) or data.get(PARTS[part]) or []
    if isinstance(lines, str):
        lines = lines.splitlines()
    if not isinstance(lines, list):
        raise ValueError(f"{part} is not a list of lines")
    texts = [text for line in lines for text in _texts(line)]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"a line of {part} has no text")
    return [line for line in (clean(str(text)) for text in texts) if line]


def _texts(line: Any) -> list[Any]:
    """The texts of a line: its own, or those of the steps of a section."""
    if not isinstance(line, dict):
        return [line]
    if isinstance(steps := line.get("itemListElement"), list):
        return [text for step in steps for text in _texts(step)]
    return [line.get("text")]


@dataclass(frozen=True)
class TermEncoder:
    """The weighted term feature of recipes (section 2.4): their key terms, rated, as word vectors."""

    extractor: Extractor
    rater: Rater
    vectors: WordVectors
    weighted_mean: bool

    def features(self, recipes: Sequence[RecipeText]) -> npt.NDArray[np.float32]:
        """Term features [R, D]; zeros where a recipe has none."""
        occurrences, scores = self._rated(recipes)
        table, known = term_table(self.vectors, occurrences.terms)
        return weighted_features(scores, table, known, self.weighted_mean)

    def weighed(self, recipe: RecipeText) -> list[tuple[str, float]]:
        """Key terms of a recipe with their scores, heaviest first."""
        occurrences, scores = self._rated([recipe])
        row = scores[0].toarray()[0]
        return [(occurrences.terms[term], float(row[term])) for term in np.argsort(-row, kind="stable")]

    def words(self, recipe: RecipeText) -> set[str]:
        """Collect the words of a recipe's key terms that have a vector, as the terms spell them."""
        terms = {term.term for term in self._terms(recipe)}
        own = {word for term in terms if term in self.vectors.rows for word in term.split("_")}
        return own | {word for term in terms for word in term.split("_") if word in self.vectors.rows}

    def _rated(self, recipes: Sequence[RecipeText]) -> tuple[Occurrences, Any]:
        found: Any = [[term.term for term in self._terms(recipe)] for recipe in recipes]
        occurrences = number_terms([pa.array(found, pa.list_(pa.string()))])
        texts = [recipe_text(recipe.title, recipe.ingredients, recipe.instructions) for recipe in recipes]
        return occurrences, self.rater(occurrences, texts)

    def _terms(self, recipe: RecipeText) -> Any:
        return self.extractor.terms(recipe.title, recipe.ingredients, recipe.instructions)


@dataclass(frozen=True)
class RecipeEncoder:
    """Phase I's features of recipes by the trained parts; a part that the towers do not read is None."""

    terms: TermEncoder | None
    sentences: SentenceEncoder | None
    space: WordSpace | None

    def features(self, recipes: Sequence[RecipeText]) -> RecipeFeatures:
        """Compute the features of some recipes, as the stages do; zeros mark the parts that are missing."""
        none = np.zeros((len(recipes), 1, 0), np.float32)
        parts = [(recipe.title, recipe.ingredients, recipe.instructions) for recipe in recipes]
        return RecipeFeatures(
            self.terms.features(recipes)[:, None] if self.terms else none,
            self._encode([recipe.instructions for recipe in recipes]),
            self.space.transform([words_text(*part) for part in parts])[:, None] if self.space else none,
            np.zeros(len(recipes), np.int64),
            self._encode([[recipe.title, *recipe.ingredients] for recipe in recipes]),
        )

    def weighed_terms(self, recipe: RecipeText) -> list[tuple[str, float]]:
        """Key terms of a recipe with their scores, heaviest first; none for a model that reads no terms."""
        return self.terms.weighed(recipe) if self.terms else []

    def _encode(self, lists: list[list[str]]) -> LineVectors:
        """Vectors of all lines, and where each recipe's begin and end."""
        lines = [line for lines in lists for line in lines]
        offsets = np.cumsum([0] + [len(lines) for lines in lists])
        if not self.sentences:
            return LineVectors(np.zeros((len(lines) or 1, 0), np.float16), offsets)
        encoded = self.sentences.encode(lines or [""])  # a batch is gathered from one vector at least
        return LineVectors(encoded.astype(np.float16), offsets)
