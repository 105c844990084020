"""Entities of ingredient lines: the tagger's where it is sure, else the longest known one (SEJE)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from seje.text.lexicon import Lexicon
from seje.text.measures import MEASURES, SPICES
from seje.text.plurals import stem
from seje.text.tagging import Verdict
from seje.text.tokens import entity_token

LISTED_SHARE = 0.1  # of the recipes that mention an entity, that have it in their ingredient lines
_NO_ENTITY = MEASURES - SPICES


class Line(NamedTuple):
    """A line's entity ("" if none), where its words stand, and how: valid, reexamined or lost."""

    entity: str
    places: tuple[int, ...]
    found: str


def tagged_entity(line: Sequence[str], verdict: Verdict) -> str:
    """Spell the tagged words of a valid line as one entity token; "" if not valid or only measures."""
    words = [line[place] for place in verdict.places] if verdict.valid else []
    if all(stem(word) in _NO_ENTITY for word in words):
        return ""
    return entity_token(" ".join(words))


def known_entities(counts: Mapping[str, int]) -> list[str]:
    """Order entities by how often they occur, most frequent first, then by spelling."""
    return sorted(filter(None, counts), key=lambda entity: (-counts[entity], entity))


def line_entity(line: Sequence[str], verdict: Verdict, known: Lexicon) -> Line:
    """Give a line's entity; a line that is not valid takes the longest known true entity it contains.

    The match runs over the line's words alone: `1 can ( 8 oz ) tomatoes` has can, oz, tomatoes.
    """
    tagged = tagged_entity(line, verdict)
    if tagged:
        return Line(tagged, verdict.places, "valid")
    spoken = [place for place, token in enumerate(line) if token[0].isalpha()]
    match = known.longest([line[place] for place in spoken])
    if match is None:
        return Line("", (), "lost")
    start, end, entity = match
    return Line(entity, tuple(spoken[start:end]), "reexamined")


@dataclass
class Mentions:
    """How many recipes mention an entity in title or instructions, and how many of these list it as well."""

    mentioned: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)

    def add(self, known: Lexicon, own: Sequence[str], texts: Iterable[Sequence[str]]) -> None:
        """Count one recipe by the entities of its lines and the words of its title and instructions."""
        here = {match.entity for text in texts for match in known.find(text)}
        lines = {match.entity for entity in own for match in known.find(entity.split("_"))}
        self.mentioned.update(here)
        self.listed.update(here & lines)

    def merge(self, other: "Mentions") -> None:
        """Take in what was counted elsewhere."""
        self.mentioned.update(other.mentioned)
        self.listed.update(other.listed)

    def common(self, entities: Iterable[str]) -> list[str]:
        """Keep the entities to look for in any text: those that who mentions them tends to list, too.

        Otherwise one odd line (`2 bowls`) would make an ingredient of every bowl.
        """
        return [entity for entity in entities if self.listed[entity] >= LISTED_SHARE * self.mentioned[entity]]
