"""From recipes to the tagger: what their ingredient lines teach, and one that knows their words (SEJE)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from seje.data.records import Recipe
from seje.errors import SejeError
from seje.keyterms import labelled_lines
from seje.keyterms.tagger import Tagger
from seje.keyterms.tagging import Example
from seje.text.tokens import tokens
from seje.text.vectors import WordVectors


def lines(recipe: Recipe) -> list[list[str]]:
    """Split a recipe's ingredient lines into tokens."""
    return [tokens(line) for line in recipe.ingredients]


def training_lines(
    recipes: Iterable[Recipe], labels: Literal["auto", "det_ingrs", "weak"]
) -> Iterator[tuple[str, list[Example | None]]]:
    """Yield for each recipe given or weak, and what each of its lines teaches, None for nothing.

    Args:
        recipes: those to learn from.
        labels: det_ingrs.json's, weak ones, or the first where a recipe has them and the second elsewhere.
    """
    for recipe in recipes:
        if recipe.entities and recipe.valid and labels != "weak":
            yield "given", list(labelled_lines.given(lines(recipe), recipe.entities, recipe.valid))
        elif labels != "det_ingrs":
            yield "weak", list(labelled_lines.mentioned(lines(recipe), recipe.title, recipe.instructions))


def new_tagger(learnt: Sequence[Example], words: WordVectors, hidden: int) -> Tagger:
    """Make an untrained tagger that knows the vectors of the words in what it is to learn."""
    if not any(example.labels for example in learnt):
        raise SejeError("no ingredient line of the train partition has an entity: keyterms cannot learn")
    vocabulary = sorted({word for example in learnt for word in example.words if word in words.rows})
    matrix = words.matrix[[words.rows[word] for word in vocabulary]]
    return Tagger(vocabulary, words.size, hidden, matrix)
