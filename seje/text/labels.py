"""Word labels of ingredient lines from the entity's name: 1 for a word of the entity, else 0."""

from collections import Counter
from collections.abc import Sequence

from seje.text.plurals import stem
from seje.text.tokens import words


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
    need = Counter(wanted)
    if not need:
        return None
    hits = [(key, place) for key, place in found if key in need]
    best: tuple[tuple[int, bool, int], set[int]] | None = None
    held: Counter[str] = Counter()
    start = 0
    for end, (key, _) in enumerate(hits):
        held[key] += 1
        while held[hits[start][0]] > need[hits[start][0]]:
            held[hits[start][0]] -= 1
            start += 1
        if end - start + 1 == len(wanted):
            taken = hits[start : end + 1]
            rank = (taken[-1][1] - taken[0][1], [key for key, _ in taken] != wanted, taken[0][1])
            if best is None or rank < best[0]:
                best = rank, {place for _, place in taken}
    return best[1] if best else None


def spells(entity: str, name: str) -> bool:
    """Say whether an entity token has just the words of a name, in any order and number."""
    return set(parts(entity.split("_"))) == set(parts(words(name)))
