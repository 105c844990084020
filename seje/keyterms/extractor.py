"""Key terms of any recipe, also of a user's own: the trained tagger and the entities it knows (SEJE)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from seje.data.parallel import chunks
from seje.keyterms import tagging
from seje.keyterms.headings import headings
from seje.keyterms.reexamination import Line, line_entity
from seje.keyterms.tagger import Tagger
from seje.keyterms.tagging import HEADING, Verdict
from seje.keyterms.terms import Term, recipe_terms
from seje.text.tokens import entity_token, tokens
from seje.vocabulary.kitchen_words import MEASURES, NAMES
from seje.vocabulary.lexicon import Lexicon
from seje.vocabulary.plurals import stem

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
        self._known = Lexicon([*known, *map(entity_token, NAMES)], tolerant=True)
        self._common = Lexicon(common, tolerant=True)

    def lines(self, ingredients: Sequence[str]) -> list[Line]:
        """Find the entity of each ingredient line: tagged, re-examined, or lost."""
        return self.reexamine(*judge(self._tagger, [ingredients])[0])

    def terms(self, title: str, ingredients: Sequence[str], instructions: Sequence[str]) -> list[Term]:
        """List every occurrence of a key term in a recipe; any part of it may be empty."""
        words, verdicts = judge(self._tagger, [ingredients])[0]
        return self.judged_terms(title, words, self.reexamine(words, verdicts), instructions)

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


def rebuild(config: Mapping[str, Any], weights: Mapping[str, Tensor]) -> Extractor:
    """Make the extractor of the config and the weights that the stage `keyterms` wrote."""
    sizes = {name: value for name, value in config.items() if name not in {"known", "common"}}
    tagger = Tagger(**sizes)
    tagger.load_state_dict(weights)
    return Extractor(tagger.eval(), config["known"], config["common"])


def judge(tagger: Tagger, recipes: Sequence[Sequence[str]]) -> list[tuple[list[list[str]], list[Verdict]]]:
    """Give the tokens and the verdict of each ingredient line, recipe by recipe, all judged at once."""
    words = [[tokens(line) for line in recipe] for recipe in recipes]
    found = iter(tagging.judge(tagger, [line for recipe in words for line in recipe]))
    judged = []
    for texts, own in zip(recipes, words, strict=True):
        pairs = zip(headings(texts, own), [next(found) for _ in own], strict=True)
        judged.append((own, [HEADING if heading else verdict for heading, verdict in pairs]))
    return judged


def tagged_lines(extractor: Extractor, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each line its entities, the quantity beside them, and whether the tagger is sure.

    Lines that come together are taken for a recipe's: it shows in them whether capitals make a heading.
    """
    for chunk in chunks(lines, LINES_TOGETHER):
        for text, line in zip(chunk, extractor.lines(chunk), strict=True):
            yield {
                "line": text,
                "entity": line.entity.replace("_", " "),
                "joined": [match.entity.replace("_", " ") for match in line.joined],
                "quantity": " ".join(quantity(tokens(text), line)),
                "valid": line.found == "valid",
                "found": line.found,
            }


def quantity(words: Sequence[str], line: Line) -> list[str]:
    """Give the numbers, units and sizes of a line that are not part of its entities."""
    taken = {*line.places, *(place for match in line.joined for place in range(match.start, match.end))}
    left = (word for place, word in enumerate(words) if place not in taken)
    return [word for word in left if word[0].isnumeric() or stem(word) in MEASURES]
