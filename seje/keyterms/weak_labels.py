"""Word labels where nobody gave entities: noun phrases of a line that the recipe's text mentions again."""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from seje.keyterms import names, pos
from seje.keyterms.headings import body
from seje.text.tokens import words
from seje.vocabulary.kitchen_words import NO_INGREDIENT, SPICE_FORMS, SPICES
from seje.vocabulary.plurals import stem

# HanTa guesses UNC, CRD or NP0 for rare words; in an ingredient line these are names of things.
_NOUNS = frozenset({"NN0", "NN1", "NN2", "NP0", "UNC", "CRD"})
_MODIFIERS = frozenset({"AJ0", "VVN", "VVD", "VVG", "VVB", "VVI"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def mentions(texts: Iterable[str]) -> set[str]:
    """Collect the stems of a recipe's title and instructions."""
    return {stem(part) for text in texts for word in words(text) for part in (word, *word.split("-"))}


def label(line: Sequence[str], mentioned: Collection[str]) -> list[int] | None:
    """Mark the first noun phrase of a line's tokens that is mentioned in the recipe's text; None if none is.

    Quantities, units and preparations are never marked, of alternatives only the first; what is in brackets
    only where nothing else is.
    """
    outside, inside = _phrases(line)
    for phrases in (outside, inside):
        for place, phrase in enumerate(phrases):
            if any(stem(line[word]) in mentioned for word in phrase):
                chosen = names.head(line, _first(line, phrases[: place + 1]))
                return [int(word in chosen) for word in range(len(line))]
    return None


def names_nothing(line: Sequence[str]) -> bool:
    """Say whether the line has no word for an ingredient: `2 cups`, a row of stars, `to taste`."""
    return not any(_phrases(line))


def _first(line: Sequence[str], phrases: list[list[int]]) -> list[int]:
    """Of alternatives that end with the last phrase take the first: `milk or cream` is milk."""
    chosen = phrases[-1]
    for before in reversed(phrases[:-1]):
        between = line[before[-1] + 1 : chosen[0]]
        if not between or not names.OR.issuperset(between):
            break
        chosen = before
    return chosen


def _phrases(line: Sequence[str]) -> tuple[list[list[int]], list[list[int]]]:
    """Give the places of each noun phrase, those outside brackets and those within."""
    found: tuple[list[list[int]], list[list[int]]] = ([], [])
    kinds = _kinds(line)
    for (depth, named), run in groupby(kinds, key=lambda item: (item[1], item[2] != "")):
        phrase = list(run)
        while phrase and phrase[-1][2] != "noun":
            phrase.pop()
        if named and phrase:
            found[depth > 0].append([place for place, _, _ in phrase])
    if not any(found):
        found[0].extend([place] for place, token in enumerate(line) if stem(token) in SPICES)
    return found


def _kinds(line: Sequence[str]) -> list[tuple[int, int, str]]:
    """Give each token's place, how deep in brackets it is, and noun, modifier or nothing."""
    kinds: list[tuple[int, int, str]] = []
    depth, first, fixed = 0, body(line), names.fixed(line)
    for place, tagged in enumerate(pos.tag(line)):
        depth += (tagged.word in _OPENING) - (depth > 0 and tagged.word in _CLOSING)
        kind = "noun" if place in fixed else _kind(tagged)
        kinds.append((place, depth, kind if place >= first else ""))
    for place in range(1, len(line)):
        if stem(line[place]) in SPICES and line[place - 1] in SPICE_FORMS:
            kinds[place] = (place, kinds[place][1], "noun")
    for place in range(1, len(line) - 1):
        # `cream of tartar`, `leg of lamb`: one name; `clove of garlic` is not, as a clove is a unit.
        if line[place] in names.BRIDGES and kinds[place - 1][2] == "noun" and kinds[place + 1][2]:
            kinds[place] = (place, kinds[place][1], "modifier")
    return kinds


def _kind(tagged: pos.Tagged) -> str:
    word = tagged.word
    if not word[0].isalpha() or len(word) == 1 or stem(word) in NO_INGREDIENT:
        return ""
    if word.endswith("ly") and tagged.tag == "AV0":
        return ""
    if tagged.tag in _NOUNS:
        return "noun"
    return "modifier" if tagged.tag in _MODIFIERS else ""
