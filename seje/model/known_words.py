"""Which words of a recipe the trained parts know: decided here alone, for all who ask.

A recipe of which nothing is known has the features of an empty one, and so the neighbours of an empty one.
"""

from collections.abc import Iterable
from typing import NamedTuple

from seje.instructions.pretrained import PretrainedEncoder
from seje.model.function_words import FUNCTION_WORDS
from seje.model.recipe_encoder import RecipeEncoder, RecipeText
from seje.text.tokens import words
from seje.vocabulary.plurals import stem


class Words(NamedTuple):
    """Words of a recipe, each once, in its order; without numbers and function words, which say nothing."""

    known: list[str]
    unknown: list[str]
    share: float  # of them, that train's recipes hold, as far as anything was trained on their words


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
    read = {word for word in encoded if encoder.sentences and encoder.sentences.knows(word)}
    met = {word for word in asked if encoder.space and encoder.space.knows(word)}
    if not isinstance(encoder.sentences, PretrainedEncoder):  # which knows words of all the world
        met |= read
    if encoder.terms and (left := [word for word in asked if word not in met]):
        terms = {stem(word) for word in encoder.terms.words(recipe)}
        met |= {word for word in left if stem(word) in terms}
    known = met | read
    counted = met if encoder.space or encoder.terms else known
    return Words(
        [word for word in asked if word in known],
        [word for word in asked if word not in known],
        len(counted) / max(1, len(asked)),
    )


def _telling(texts: Iterable[str]) -> list[str]:
    found = dict.fromkeys(word for text in texts for word in words(text))
    return [word for word in found if word not in FUNCTION_WORDS]
