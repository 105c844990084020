"""Headings among ingredient lines: `For the sauce:`, `## Filling`, `DOUGH`. They name no ingredient."""

from collections.abc import Sequence

from seje.vocabulary.kitchen_words import UNITS
from seje.vocabulary.plurals import stem


def is_heading(line: Sequence[str]) -> bool:
    """Say whether a line of tokens has the form of a heading; capitals are not seen.

    `for` opens one, and so do signs of Markdown; a colon ends one. What follows a colon, or has an amount
    (`for the glaze: 1 egg`), is an ingredient.
    """
    end = len(line)
    while end and line[end - 1] in _ORNAMENTS:
        end -= 1
    start = next((place for place, token in enumerate(line) if token not in _ORNAMENTS), end)
    if start == end:
        return False
    if line[end - 1] == ":" or line[0] == "#":
        return True
    bracket = next((place for place in range(start, end) if line[place] in {"(", "["}), end)
    named = line[start:bracket] or [""]
    amounts = any(token[0].isdecimal() for token in named[2:])  # `for 2 people` has none
    opened = named[0] == "for" or "*" in line[:start] and "*" in line[end:]
    return opened and ":" not in named and not amounts and not named[0][:1].isdecimal()


_ORNAMENTS = frozenset("*#-=~+>[]|\u2022")


def headings(texts: Sequence[str], lines: Sequence[Sequence[str]]) -> list[bool]:
    """Say which of a recipe's ingredient lines are headings: by form, or by capitals if not all have them.

    Args:
        texts: the lines as they are written.
        lines: their tokens.
    """
    capitals = [text.isupper() for text in texts]
    told = 2 * sum(capitals) < len(texts)
    return [
        told and capital and not _is_measured(line) or is_heading(line)
        for capital, line in zip(capitals, lines, strict=True)
    ]


def _is_measured(line: Sequence[str]) -> bool:
    """`2 EGGS`, `PINCH OF SALT`, `SALT TO TASTE`, not `BASIL ORZO`."""
    return any(token[0].isdecimal() or stem(token) in UNITS or token == "taste" for token in line)


def body(line: Sequence[str]) -> int:
    """Where the ingredients of a line begin: behind the colon of `for the glaze: milk`, else at 0."""
    return line.index(":") + 1 if line[:1] == ["for"] and ":" in line[:-1] else 0
