"""Key terms of any recipe, also of a user's own: the trained tagger and the entities it knows (SEJE)."""

from collections.abc import Iterable, Iterator, Sequence

from seje.data.parallel import chunks
from seje.text import tagging
from seje.text.keyterms import Term, recipe_terms
from seje.text.lexicon import Lexicon
from seje.text.measures import MEASURES
from seje.text.plurals import stem
from seje.text.reexamine import Line, line_entity
from seje.text.tagger import Tagger
from seje.text.tagging import Verdict
from seje.text.tokens import tokens

LINES_TOGETHER = 1024


class Extractor:
    """Finds the entity of ingredient lines, and the key terms of recipes.

    Args:
        tagger: the trained tagger.
        known: entities that re-examination may take, most frequent first.
        common: those of them that are looked for in titles and instructions of any recipe.
    """

    def __init__(self, tagger: Tagger, known: Sequence[str], common: Sequence[str]) -> None:
        self._tagger = tagger
        self._known = Lexicon(known, tolerant=True)
        self._common = Lexicon(common, tolerant=True)

    def lines(self, ingredients: Sequence[str]) -> list[Line]:
        """Find the entity of each ingredient line: tagged, re-examined, or lost."""
        words = [tokens(line) for line in ingredients]
        return self.reexamine(words, tagging.judge(self._tagger, words))

    def terms(self, title: str, ingredients: Sequence[str], instructions: Sequence[str]) -> list[Term]:
        """List every occurrence of a key term in a recipe; any part of it may be empty."""
        words = [tokens(line) for line in ingredients]
        return self.judged_terms(title, words, self.lines(ingredients), instructions)

    def reexamine(self, words: Sequence[Sequence[str]], verdicts: Sequence[Verdict]) -> list[Line]:
        """Turn the tagger's verdicts on lines of tokens into entities."""
        return [line_entity(*pair, self._known) for pair in zip(words, verdicts, strict=True)]

    def judged_terms(
        self,
        title: str,
        words: Sequence[Sequence[str]],
        lines: Sequence[Line],
        instructions: Sequence[str],
    ) -> list[Term]:
        """List the key terms of a recipe whose lines have their entities already."""
        return recipe_terms(title, words, lines, instructions, self._common)


def tagged_lines(extractor: Extractor, lines: Iterable[str]) -> Iterator[dict[str, str | bool]]:
    """Yield for each line its entity ("" if none), the quantity beside it, and whether the tagger is sure."""
    for chunk in chunks(lines, LINES_TOGETHER):
        for text, line in zip(chunk, extractor.lines(chunk), strict=True):
            yield {
                "line": text,
                "entity": line.entity.replace("_", " "),
                "quantity": " ".join(quantity(tokens(text), line)),
                "valid": line.found == "valid",
                "found": line.found,
            }


def quantity(words: Sequence[str], line: Line) -> list[str]:
    """Give the numbers, units and sizes of a line that are not part of its entity."""
    left = (word for place, word in enumerate(words) if place not in line.places)
    return [word for word in left if word[0].isnumeric() or stem(word) in MEASURES]
