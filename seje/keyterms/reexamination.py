"""Entities of ingredient lines: the tagger's where it is sure, else the longest known one (SEJE)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from seje.keyterms.headings import body
from seje.keyterms.names import OR, first_alternative, joined, name_places
from seje.keyterms.tagging import Verdict
from seje.text.tokens import entity_token
from seje.vocabulary.kitchen_words import NO_INGREDIENT
from seje.vocabulary.lexicon import Lexicon, Match
from seje.vocabulary.plurals import stem

LISTED_SHARE = 0.1  # of the recipes that mention an entity, that have it in their ingredient lines
FOUND = ("valid", "reexamined", "lost", "heading")


class Line(NamedTuple):
    """A line's first entity ("" if none), where its words stand, how it was found, and what is joined to it.

    Found is one of FOUND: by the tagger, by re-examination, not, or there is none to find.
    """

    entity: str
    places: tuple[int, ...]
    found: str
    joined: tuple[Match, ...] = ()

    @property
    def entities(self) -> list[str]:
        """All entities of the line, in its order."""
        return [name for name in (self.entity, *(match.entity for match in self.joined)) if name]


def tagged_entity(line: Sequence[str], verdict: Verdict) -> str:
    """Spell the name in a valid line as one entity token; "" if not valid or only measures."""
    return _spelled(line, name_places(line, verdict.places)) if verdict.valid else ""


def _spelled(line: Sequence[str], places: Sequence[int]) -> str:
    return entity_token(" ".join(line[place] for place in places))


def known_entities(counts: Mapping[str, int]) -> list[str]:
    """Order entities by how often they occur, most frequent first, then by spelling."""
    return sorted(filter(None, counts), key=lambda entity: (-counts[entity], entity))


def line_entity(line: Sequence[str], verdict: Verdict, known: Lexicon) -> Line:
    """Give a line's entities; a line that is not valid takes the longest known true entity it contains."""
    if verdict.heading:
        return Line("", (), "heading")
    places = name_places(line, verdict.places) if verdict.valid else ()
    if places:
        entity, found = _spelled(line, places), "valid"
    else:
        match = _known(line, known)
        if match is None:
            return Line("", (), "lost")
        stands = tuple(range(match.start, match.end))
        places, found = name_places(line, stands) or stands, "reexamined"
        entity = match.entity if places == stands else _spelled(line, places)
    return Line(entity, places, found, tuple(joined(line, places[-1] + 1, known)))


def _known(line: Sequence[str], known: Lexicon) -> Match | None:
    """Find the longest known name of a line; but of alternatives the first, whatever its length."""
    start = body(line)
    chosen = known.longest(line[start:])
    if chosen is None:
        return None
    for match in reversed(list(known.find(line[start : start + chosen.start]))):
        between = line[start + match.end : start + chosen.start]
        if between[:1] and between[0] in OR and all(stem(word) in NO_INGREDIENT for word in between[1:]):
            chosen = match
    known_one = Match(start + chosen.start, start + chosen.end, chosen.entity)
    return first_alternative(line, start, known_one.start) or known_one


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
