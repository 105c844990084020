"""Known entities, and where a text contains them: a trie over words, so that time is linear in the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from seje.text.plurals import stem


class Match(NamedTuple):
    """An entity and the words `start:end` of the text that spell it."""

    start: int
    end: int
    entity: str


@dataclass(slots=True)
class _Node:
    entity: str = ""
    following: dict[str, _Node] = field(default_factory=dict)


class Lexicon:
    """A set of entities, each spelled as an entity token.

    Args:
        entities: spellings, most wanted first: of two with the same key the first is kept.
        tolerant: let singular match plural; the entity is spelled as it is known, not as in the text.
        heads: let its last words stand for an entity, if they are none: `onion` for `red_onion`.
    """

    def __init__(self, entities: Iterable[str], tolerant: bool = False, heads: bool = False) -> None:
        self._key: Callable[[str], str] = stem if tolerant else str
        self._root = _Node()
        names = [(entity, [word for word in entity.split("_") if word]) for entity in entities]
        for first in range(max((len(name) for _, name in names), default=0) if heads else 1):
            for entity, name in names:
                self._add(entity, name[first:])

    def _add(self, entity: str, name: Sequence[str]) -> None:
        node = self._root
        for word in name:
            node = node.following.setdefault(self._key(word), _Node())
        if name:
            node.entity = node.entity or entity

    def find(self, text: Sequence[str], also: Lexicon | None = None) -> Iterator[Match]:
        """Yield entities from left to right, the longest at each place, none overlapping.

        `also` is a second lexicon of the same tolerance; where both have the match, this one spells it.
        """
        keys = [self._key(word) for word in text]
        start = 0
        while start < len(keys):
            match = self._at(keys, start)
            other = also._at(keys, start) if also else None
            if other and (match is None or other.end > match.end):
                match = other
            if match:
                yield match
            start = match.end if match else start + 1

    def longest(self, text: Sequence[str]) -> Match | None:
        """Return the entity of most words in the text, of equals the leftmost; None if there is none."""
        keys = [self._key(word) for word in text]
        matches = (self._at(keys, start) for start in range(len(keys)))
        return max(filter(None, matches), key=lambda match: match.end - match.start, default=None)

    def _at(self, keys: Sequence[str], start: int) -> Match | None:
        node, match = self._root, None
        for end in range(start, len(keys)):
            following = node.following.get(keys[end])
            if following is None:
                break
            node = following
            if node.entity:
                match = Match(start, end + 1, node.entity)
        return match


def join(text: Sequence[str], lexicon: Lexicon) -> list[str] | None:
    """Put each entity of several words in the text's words as one token; None where there is none."""
    joined: list[str] = []
    last, found = 0, False
    for start, end, entity in lexicon.find(text):
        joined += text[last:start]
        joined.append(entity)
        last, found = end, found or end - start > 1
    return [*joined, *text[last:]] if found else None
