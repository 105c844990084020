"""From recipes to the tagger, and in three passes, chunk by chunk, to all their key terms (SEJE).

The passes: judge every line; of the entities found, count where texts mention them; list the terms. Each is
an object that a worker process makes once and that takes a chunk: memory does not grow with the corpus.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from seje.data.records import Recipe
from seje.errors import SejeError
from seje.keyterms import labelled_lines
from seje.keyterms.extractor import Extractor, judge
from seje.keyterms.reexamination import Mentions, tagged_entity
from seje.keyterms.summary import Report
from seje.keyterms.tagger import Tagger
from seje.keyterms.tagging import Example, Verdict
from seje.keyterms.terms import Term
from seje.text.tokens import tokens
from seje.text.vectors import WordVectors
from seje.vocabulary.lexicon import Lexicon

Verdicts = list[list[Verdict]]


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


class Judged(NamedTuple):
    """The verdicts on a chunk's lines, and how often each entity stands in the chosen partitions."""

    verdicts: Verdicts
    entities: Counter[str]


class Judge:
    """First pass: tags every line."""

    def __init__(self, tagger: Tagger, partitions: Collection[str]) -> None:
        self._tagger = tagger
        self._partitions = partitions

    def __call__(self, recipes: Sequence[Recipe]) -> Judged:
        """Judge the lines of a chunk at once."""
        found = judge(self._tagger, [recipe.ingredients for recipe in recipes])
        entities: Counter[str] = Counter()
        for recipe, pairs in zip(recipes, found, strict=True):
            if recipe.partition in self._partitions:
                entities.update(tagged_entity(*pair) for pair in zip(*pairs, strict=True))
        return Judged([verdicts for _, verdicts in found], entities)


class Mention:
    """Second pass: counts how many recipes mention each entity, and how many of these list it."""

    def __init__(self, entities: Sequence[str], partitions: Collection[str]) -> None:
        self._known = Lexicon(entities, tolerant=True)
        self._partitions = partitions

    def __call__(self, chunk: tuple[Sequence[Recipe], Verdicts]) -> Mentions:
        """Count over a chunk's recipes of the chosen partitions."""
        mentions = Mentions()
        for recipe, judged in zip(*chunk, strict=True):
            if recipe.partition in self._partitions:
                own = [tagged_entity(*pair) for pair in zip(lines(recipe), judged, strict=True)]
                mentions.add(self._known, own, map(tokens, [recipe.title, *recipe.instructions]))
        return mentions


class ListTerms:
    """Third pass: lists the key terms."""

    def __init__(self, tagger: Tagger, known: Sequence[str], common: Sequence[str]) -> None:
        self._extractor = Extractor(tagger, known, common)

    def __call__(
        self, chunk: tuple[Sequence[Recipe], Verdicts]
    ) -> tuple[list[tuple[str, list[Term]]], Report]:
        """Give each recipe's id with its terms, and what they come to."""
        found, report = [], Report()
        for recipe, judged in zip(*chunk, strict=True):
            words = lines(recipe)
            entities = self._extractor.reexamine(words, judged)
            terms = self._extractor.judged_terms(recipe.title, words, entities, recipe.instructions)
            found.append((recipe.id, terms))
            report.add(entities, terms)
            if recipe.partition != "train" and recipe.entities and recipe.valid:
                report.compare(recipe.partition, words, judged, entities, recipe.entities, recipe.valid)
        return found, report
