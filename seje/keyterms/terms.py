"""Key terms of a recipe (SEJE): ingredient entities, actions and utensils, each where it occurs."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from seje.keyterms import pos
from seje.keyterms.reexamination import Line
from seje.text.tokens import entity_token, tokens
from seje.vocabulary.kitchen_words import COOKING, CUTTING, FUNCTION, GENERIC, MEASURES, PREPARATIONS
from seje.vocabulary.lexicon import Lexicon
from seje.vocabulary.plurals import stem

_NO_TERM = FUNCTION | GENERIC


class Term(NamedTuple):
    """One occurrence of a term, spelled as an entity token."""

    term: str
    kind: str  # ingredient, action or utensil
    field: str  # title, ingredients or instructions


def recipe_terms(
    title: str,
    ingredients: Sequence[Sequence[str]],
    lines: Sequence[Line],
    instructions: Sequence[str],
    known: Lexicon,
) -> list[Term]:
    """List every occurrence of a key term in a recipe, field by field.

    Args:
        title: the title.
        ingredients: tokens of each ingredient line.
        lines: what was found in each of them; entities of theirs count, other known ones are only taken out.
            Headings have no terms.
        instructions: one text each.
        known: entities to look for, tolerant, beside the recipe's own.
    """
    own = Lexicon((entity for line in lines for entity in line.entities), tolerant=True, heads=True)
    found = list(_text_terms(title, own, known, "title"))
    for words, line in zip(ingredients, lines, strict=True):
        if line.found == "heading":
            continue
        found += [Term(entity, "ingredient", "ingredients") for entity in line.entities]
        others = {place for match in own.find(words, known) for place in range(match.start, match.end)}
        found += _rest(words, others | set(line.places), "ingredients")
    for instruction in instructions:
        found += _text_terms(instruction, own, known, "instructions")
    return found


def _text_terms(text: str, own: Lexicon, known: Lexicon, field: str) -> Iterator[Term]:
    words = tokens(text)
    taken: set[int] = set()
    for match in own.find(words, known):
        taken.update(range(match.start, match.end))
        yield Term(match.entity, "ingredient", field)
    yield from _rest(words, taken, field)


def _rest(words: Sequence[str], taken: set[int], field: str) -> Iterator[Term]:
    """Yield the verbs, and the nouns (neighbouring ones as one), of a text whose entities are taken out.

    The whole text is tagged all the same: without its nouns a sentence is none.
    """
    tagged = pos.tag(words, imperative=field == "instructions")
    kinds = ["" if place in taken else _kind(word) for place, word in enumerate(tagged)]
    for place, following in enumerate(kinds[1:]):
        # The word in -ing before a noun is part of its name: `baking sheet`, `frying pan`.
        if following == "utensil" and tagged[place].word.endswith("ing") and place not in taken:
            kinds[place] = "utensil"
    for kind, group in groupby(zip(tagged, kinds, strict=True), key=lambda item: item[1]):
        run = [word for word, _ in group]
        if kind == "action":
            for word in run:
                yield from _term(word.lemma, "action", field)
        elif kind == "utensil":
            yield from _term(" ".join([*(word.word for word in run[:-1]), run[-1].lemma]), "utensil", field)


def _term(name: str, kind: str, field: str) -> Iterator[Term]:
    term = entity_token(name)
    if term:
        yield Term(term, kind, field)


def _kind(tagged: pos.Tagged) -> str:
    word, keys = tagged.word, {tagged.word, stem(tagged.word), stem(tagged.lemma)}
    if len(word) < 3 or not word[0].isalpha() or "'" in word or keys & _NO_TERM:
        return ""
    if keys & MEASURES:  # `slice the bread`, but `2 slices`
        return "action" if pos.is_verb(tagged) and tagged.tag != "VVZ" and keys & CUTTING else ""
    if pos.is_verb(tagged) or pos.is_noun(tagged) and keys & COOKING:
        return "action"
    return "utensil" if pos.is_noun(tagged) and not keys & PREPARATIONS else ""
