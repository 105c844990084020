"""From recipes to the tagger, its verdicts on all their lines, and the entities known by them (SEJE)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from seje.data.records import Recipe
from seje.errors import SejeError
from seje.text import examples, tagging
from seje.text.lexicon import Lexicon
from seje.text.reexamine import common_entities, known_entities, tagged_entity
from seje.text.tagger import Tagger
from seje.text.tagging import Example, Verdict
from seje.text.tokens import tokens
from seje.text.vectors import Vectors

TOGETHER = 512  # recipes whose lines are tagged at once

Verdicts = list[list[Verdict]]


def lines(recipe: Recipe) -> list[list[str]]:
    """Split a recipe's ingredient lines into tokens."""
    return [tokens(line) for line in recipe.ingredients]


def lessons(recipes: Iterable[Recipe], given: bool) -> Iterator[Example | None]:
    """Yield what each line teaches, None for nothing; `given`: by det_ingrs.json, else by silver labels."""
    for recipe in recipes:
        if not given:
            yield from examples.mentioned(lines(recipe), recipe.title, recipe.instructions)
        elif recipe.entities is not None and recipe.valid is not None:
            yield from examples.given(lines(recipe), recipe.entities, recipe.valid)


def new_tagger(learnt: Sequence[Example], words: Vectors, hidden: int) -> Tagger:
    """Make an untrained tagger that knows the vectors of the words in what it is to learn."""
    if not any(example.labels for example in learnt):
        raise SejeError("no ingredient line of the train partition has an entity: keyterms cannot learn")
    vocabulary = sorted({word for example in learnt for word in example.words if word in words.rows})
    matrix = words.matrix[[words.rows[word] for word in vocabulary]]
    return Tagger(vocabulary, words.size, hidden, matrix)


def judge(tagger: Tagger, recipes: Iterable[Recipe]) -> Verdicts:
    """Tag every line of every recipe."""
    judged: Verdicts = []
    waiting = iter(recipes)
    while chunk := [lines(recipe) for recipe in islice(waiting, TOGETHER)]:
        verdicts = iter(tagging.judge(tagger, [line for recipe in chunk for line in recipe]))
        judged += [[next(verdicts) for _ in recipe] for recipe in chunk]
    return judged


def known(recipes: Iterable[Recipe], verdicts: Iterable[Sequence[Verdict]]) -> tuple[Lexicon, Lexicon]:
    """Collect the entities of the valid lines of re-iterable recipes: every one, and the common ones."""
    own = [
        [tagged_entity(*pair) for pair in zip(lines(recipe), judged, strict=True)]
        for recipe, judged in zip(recipes, verdicts, strict=True)
    ]
    entities = known_entities(entity for line in own for entity in line)
    texts = (map(tokens, [recipe.title, *recipe.instructions]) for recipe in recipes)
    common = common_entities(entities, zip(own, texts, strict=True))
    return Lexicon(entities, tolerant=True), Lexicon(common, tolerant=True)
