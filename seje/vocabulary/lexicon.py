"""Known entities, and where a text contains them: Aho-Corasick, linear in the text for any number of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import ahocorasick

from seje.vocabulary.plurals import stem


class Match(NamedTuple):
    """An entity and the words `start:end` of the text that spell it."""

    start: int
    end: int
    entity: str


class Lexicon:
    """A set of entities, each spelled as an entity token.

    Args:
        entities: spellings, most wanted first: of two with the same key the first is kept.
        tolerant: let singular match plural; the entity is spelled as it is known, not as in the text.
        heads: let its last words stand for an entity, if they are none: `onion` for `red_onion`.
    """

    def __init__(self, entities: Iterable[str], tolerant: bool = False, heads: bool = False) -> None:
        self._key: Callable[[str], str] = stem if tolerant else str
        self._automaton = ahocorasick.Automaton()
        names = [(entity, [word for word in entity.split("_") if word]) for entity in entities]
        for first in range(max((len(name) for _, name in names), default=0) if heads else 1):
            for entity, name in names:
                self._add(entity, name[first:])
        self._automaton.make_automaton()

    def _add(self, entity: str, name: Sequence[str]) -> None:
        key = _spaced(self._key(word) for word in name)
        if name and key not in self._automaton:
            self._automaton.add_word(key, (len(name), entity))

    def find(self, text: Sequence[str], also: Lexicon | None = None) -> Iterator[Match]:
        """Yield entities from left to right, the longest at each place, none overlapping.

        `also` is a second lexicon of the same tolerance; where both have the match, this one spells it.
        """
        longest: dict[int, Match] = {}
        for match in [*self._matches(text), *(also._matches(text) if also else ())]:
            other = longest.get(match.start)
            if other is None or match.end > other.end:
                longest[match.start] = match
        reached = 0
        for start in sorted(longest):
            if start >= reached:
                reached = longest[start].end
                yield longest[start]

    def longest(self, text: Sequence[str]) -> Match | None:
        """Return the entity of most words in the text, of equals the leftmost; None if there is none."""
        return max(
            self._matches(text), key=lambda match: (match.end - match.start, -match.start), default=None
        )

    def starting(self, text: Sequence[str]) -> Match | None:
        """Return the entity of most words that the text begins with; None if there is none."""
        matches = (match for match in self._matches(text) if not match.start)
        return max(matches, key=lambda match: match.end, default=None)

    def _matches(self, text: Sequence[str]) -> Iterator[Match]:
        """Yield every occurrence of every entity, overlapping ones too."""
        if not len(self._automaton):
            return
        keys = ["and" if word == "&" else self._key(word) for word in text]
        words, letter = {}, 0  # how many words stand before each space
        for place, key in enumerate(keys):
            words[letter] = place
            letter += len(key) + 1
        words[letter] = len(keys)
        for space, (length, entity) in self._automaton.iter(_spaced(keys)):
            end = words[space]
            yield Match(end - length, end, entity)


def _spaced(keys: Iterable[str]) -> str:
    """Join keys so that one matches at whole words only."""
    return f" {' '.join(keys)} "


def join(text: Sequence[str], lexicon: Lexicon) -> list[str] | None:
    """Put each entity of several words in the text's words as one token; None where there is none."""
    joined: list[str] = []
    last, found = 0, False
    for start, end, entity in lexicon.find(text):
        joined += text[last:start]
        joined.append(entity)
        last, found = end, found or end - start > 1
    return [*joined, *text[last:]] if found else None
