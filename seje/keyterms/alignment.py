"""Word labels of ingredient lines from the entity's name: 1 for a word of the entity, else 0."""

from collections import Counter
from collections.abc import Sequence

from seje.text.tokens import words
from seje.vocabulary.plurals import stem


def align(line: Sequence[str], name: str) -> list[int] | None:
    """Mark the tokens of a line that make up the entity's name; None where they do not hold all its words.

    Tolerant of plurals, hyphens and word order. Of all places the shortest stretch is taken; of equals
    one in the name's order, then the leftmost.
    """
    wanted = parts(words(name))
    found = [(key, place) for place, token in enumerate(line) for key in parts([token])]
    places = _stretch(found, wanted)
    if places is None:
        return None
    return [int(place in places) for place in range(len(line))]


def parts(tokens: Sequence[str]) -> list[str]:
    """Split words at hyphens into keys to compare by: `all-purpose flours` is all, purpose, flour."""
    return [stem(part) for token in tokens for part in token.split("-") if part]


def _stretch(found: list[tuple[str, int]], wanted: list[str]) -> set[int] | None:
    """Slide a window over the line: for each end the latest start that still has all wanted words."""
    need = Counter(wanted)
    hits = [(key, place) for key, place in found if key in need]
    best: tuple[tuple[int, bool, int], set[int]] | None = None
    missing, start = need.copy(), 0
    for end, (key, last) in enumerate(hits):
        missing[key] -= 1
        while missing[hits[start][0]] < 0:
            missing[hits[start][0]] += 1
            start += 1
        span = last - hits[start][1]
        if max(missing.values()) > 0 or (best and span > best[0][0]):
            continue
        in_order, places = _choose(hits[start : end + 1], wanted)
        rank = (span, not in_order, hits[start][1])
        if best is None or rank < best[0]:
            best = rank, places
    return best[1] if best else None


def _choose(hits: list[tuple[str, int]], wanted: list[str]) -> tuple[bool, set[int]]:
    """Pick the wanted words of a window that has them: in their order if they are, else the first of each."""
    waiting = iter(hits)
    ordered = [next((place for key, place in waiting if key == word), None) for word in wanted]
    if None not in ordered:
        return True, {place for place in ordered if place is not None}
    left, places = Counter(wanted), set()
    for key, place in hits:
        if left[key] > 0:
            left[key] -= 1
            places.add(place)
    return False, places


def spells(entity: str, name: str) -> bool:
    """Say whether an entity token has just the words of a name, in any order and number."""
    return set(parts(entity.split("_"))) == set(parts(words(name)))
