"""Entities of a recipe's ingredient lines: the tagger's where it is sure, else the longest known one (SEJE 2.1)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from seje.text.lexicon import Lexicon
from seje.text.tagging import Verdict
from seje.text.tokens import entity_token


class Line(NamedTuple):
    """A line's entity ("" if none), where its words stand, and how it was found: valid, reexamined or lost."""

    entity: str
    places: tuple[int, ...]
    found: str


def tagged_entity(line: Sequence[str], verdict: Verdict) -> str:
    """Spell the tagged words of a line as one entity token."""
    return entity_token(" ".join(line[place] for place in verdict.places))


def known_entities(entities: Iterable[str]) -> list[str]:
    """Order distinct entities by how often they occur, most frequent first, then by spelling."""
    counts = Counter(entity for entity in entities if entity)
    return sorted(counts, key=lambda entity: (-counts[entity], entity))


def line_entity(line: Sequence[str], verdict: Verdict, known: Lexicon) -> Line:
    """Give a line's entity; a line that is not valid takes the longest known true entity it contains.

    The match runs over the line's words alone: `1 can ( 8 oz ) tomatoes` has can, oz, tomatoes.
    """
    if verdict.valid:
        return Line(tagged_entity(line, verdict), verdict.places, "valid")
    spoken = [place for place, token in enumerate(line) if token[0].isalpha()]
    match = known.longest([line[place] for place in spoken])
    if match is None:
        return Line("", (), "lost")
    start, end, entity = match
    return Line(entity, tuple(spoken[start:end]), "reexamined")
