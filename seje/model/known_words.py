"""Which words of a recipe the trained parts know: decided here alone, for all who ask.

A recipe of which nothing is known has the features of an empty one, and so the neighbours of an empty one.
"""

from collections.abc import Iterable
from typing import NamedTuple

from seje.model.function_words import FUNCTION_WORDS
from seje.model.recipe_encoder import RecipeEncoder, RecipeText
from seje.text.tokens import words
from seje.vocabulary.plurals import stem


class Words(NamedTuple):
    """Words of a recipe, each once, in its order; without numbers and function words, which say nothing."""

    known: list[str]
    unknown: list[str]

    @property
    def share(self) -> float:
        """Share of the words that are known, from 0 to 1; 0 where there are no words."""
        return len(self.known) / max(1, len(self.known) + len(self.unknown))


def known_words(recipe: RecipeText, encoder: RecipeEncoder, lines: bool) -> Words:
    """Tell the words that reach a feature from those that do not.

    Words may be in the word space, in the sentence encoder's vocabulary, or in a key term with a vector.

    Args:
        recipe: what is asked.
        encoder: the trained parts.
        lines: whether the recipe tower reads the sentence vectors of title and ingredients too.
    """
    parts = [recipe.title, *recipe.ingredients]
    asked = _telling([*parts, *recipe.instructions])
    encoded = set(_telling([*parts, *recipe.instructions] if lines else recipe.instructions))
    known = {word for word in asked if encoder.space and encoder.space.knows(word)}
    known |= {word for word in encoded if encoder.sentences and encoder.sentences.knows(word)}
    if encoder.terms and (left := [word for word in asked if word not in known]):
        terms = {stem(word) for word in encoder.terms.words(recipe)}
        known |= {word for word in left if stem(word) in terms}
    return Words([word for word in asked if word in known], [word for word in asked if word not in known])


def _telling(texts: Iterable[str]) -> list[str]:
    found = dict.fromkeys(word for text in texts for word in words(text))
    return [word for word in found if word not in FUNCTION_WORDS]
