"""Which words of a line name its ingredient: one name as it stands, and the names joined to it."""

from collections.abc import Iterator, Sequence

from seje.keyterms import pos
from seje.keyterms.headings import body
from seje.text.tokens import entity_token
from seje.vocabulary.kitchen_words import (
    ALONE,
    FUNCTION,
    HEADS,
    KINDS,
    MEASURES,
    NAMES,
    NO_INGREDIENT,
    SPICE_FORMS,
    SPICES,
)
from seje.vocabulary.lexicon import Lexicon, Match
from seje.vocabulary.plurals import stem

AND = frozenset({"and", "&", "+", "plus"})
OR = frozenset({"or", "/"})
BRIDGES = frozenset({"of", "'"})  # `cream of tartar`, `confectioners' sugar`
_NO_END = (MEASURES | FUNCTION) - SPICES  # no name begins or ends with these
_NOUNS = frozenset({"NN0", "NN1", "NN2", "NP0", "UNC"})  # NP0, UNC: rare words are names of things
_LONGEST = 6  # words of a name that is joined

_FIRST: dict[str, list[list[str]]] = {}
for _name in [*NAMES, *KINDS]:
    _key = [stem(word) for word in _name.split()]
    _FIRST.setdefault(_key[0], []).append(_key)


def fixed(line: Sequence[str], start: int = 0, end: int | None = None) -> set[int]:
    """Places of names whose measures or `and` measure and join nothing: `double cream`, `half and half`."""
    keys = ["and" if word == "&" else stem(word) for word in line[start:end]]
    found: set[int] = set()
    for place, key in enumerate(keys):
        for name in _FIRST.get(key, ()):
            if keys[place : place + len(name)] == name:
                found.update(range(start + place, start + place + len(name)))
    return found


def name_places(line: Sequence[str], tagged: Sequence[int]) -> tuple[int, ...]:
    """Make one name, as it stands, of the words that were tagged: neighbours, of alternatives the first.

    Words apart are not fused: `cream of tartar` takes its `of` in, of `pork or chicken` stays `pork`, of
    `Asian (toasted) sesame oil` the part with a noun. Measures at either end fall off. Empty if none is left.
    """
    first = body(line)
    places = {place for place in tagged if place >= first}
    if not places:
        return ()
    kept = fixed(line, max(min(places) - 3, first), max(places) + 4)
    beside = {place + step for place in places for step in (-1, 0, 1)}
    runs = list(_runs(line, places, kept if kept & beside else set()))
    if len(runs) > 1:
        nouns = [word.tag in _NOUNS and "-" not in word.word for word in pos.tag(line[: runs[-1][-1] + 1])]
        runs = [run for run in runs if any(nouns[place] for place in run)] or runs
    return tuple(head(line, runs[0])) if runs else ()


def _runs(line: Sequence[str], places: set[int], kept: set[int]) -> Iterator[list[int]]:
    """Yield the names among tagged places: neighbouring words, without measures at their ends."""
    whole = places | kept
    run: list[int] = []
    for place in range(min(whole), max(whole) + 2):
        bridges = place < len(line) and line[place] in BRIDGES and {place - 1, place + 1} <= whole
        named = place in whole and line[place][0].isalpha() and line[place] not in AND | OR
        if bridges or named or place in kept:
            run.append(place)
            continue
        run = _trimmed(line, run, kept)
        if run:
            yield run
        run = []


def _trimmed(line: Sequence[str], run: list[int], kept: set[int]) -> list[int]:
    while run and run[0] not in kept and stem(line[run[0]]) in _NO_END:
        run = run[1:]
    while run and run[-1] not in kept and stem(line[run[-1]]) in _NO_END:
        run = run[:-1]
    if all(line[place] in SPICE_FORMS for place in run):  # `whole cloves`, but never `whole` alone
        following = run[-1] + 1 if run else 0
        return [*run, following] if run and stem("".join(line[following : following + 1])) in SPICES else []
    return run


def head(line: Sequence[str], run: list[int]) -> list[int]:
    """Of alternatives whose first is no name by itself take the second: `chicken or vegetable stock`.

    What is made of the first is another thing; `free-range or organic eggs` is no `free-range`. But `butter
    or olive oil` is butter.
    """
    after = run[-1] + 1
    if len(run) > 1 or line[after : after + 1] not in (["or"], ["/"]) or stem(line[run[0]]) in ALONE:
        return run
    start = after + 1
    while start < len(line) and stem(line[start]) in NO_INGREDIENT:
        start += 1
    end = start
    while end < min(start + 4, len(line)) and line[end][0].isalpha() and stem(line[end]) not in NO_INGREDIENT:
        end += 1
        if stem(line[end - 1]) in HEADS and end > start + 1:
            return list(range(start, end))
    return list(range(start, end)) if "-" in line[run[0]] and end > start else run


def first_alternative(line: Sequence[str], start: int, other: int) -> Match | None:
    """Find the name between `start` and an `or` in front of the name at `other`: `naan or pita`."""
    end = other - 1
    if end <= start or line[end] not in OR:
        return None
    begin = end
    while begin > start and line[begin - 1][0].isalpha() and not _passed_over(line[begin - 1]):
        begin -= 1
    run = list(range(begin, end))
    if not run or pos.tag(line[begin:end])[-1].tag not in _NOUNS or head(line, run) != run:
        return None
    return Match(begin, end, entity_token(" ".join(line[begin:end])))


def joined(line: Sequence[str], end: int, known: Lexicon) -> Iterator[Match]:
    """Yield the names that follow a line's first, which ends at `end`, as further ingredients.

    `salt and freshly ground pepper`, `flour, milk and eggs`, `1 cup sugar 2 eggs`. Commas alone join nothing.
    """
    waiting: list[Match] = []
    while end < len(line):
        comma = line[end] == ","
        start = end + comma
        joins = line[start : start + 1] and line[start] in AND
        amount = not comma and line[end][0].isdecimal()
        if not (comma or joins or amount):
            return
        match = _next(line, start + bool(joins), known, bool(joins))
        if match is None:
            return
        waiting.append(match)
        if joins or amount:
            yield from waiting
            waiting = []
        end = match.end


def _next(line: Sequence[str], start: int, known: Lexicon, joins: bool) -> Match | None:
    """Find the name that begins at `start`, behind amounts and preparations; unknown only if it `joins`."""
    depth = 0
    for place in range(start, min(start + 12, len(line))):
        word = line[place]
        if not depth:
            match = known.starting(line[place : place + _LONGEST])
            if match is not None:
                return Match(place + match.start, place + match.end, match.entity)
        depth += (word == "(") - (word == ")")
        if word in AND | OR | {","}:
            return None
        if not depth and not _passed_over(word):
            return _noun(line, place) if joins else None
    return None


def _noun(line: Sequence[str], start: int) -> Match | None:
    """Take the words from `start` to a sign or a word that names nothing, if the last of them is a noun."""
    end = start
    while end < min(start + _LONGEST, len(line)) and line[end][0].isalpha() and not _passed_over(line[end]):
        end += 1
    if end == start or pos.tag(line[start:end])[-1].tag not in _NOUNS:
        return None
    return Match(start, end, entity_token(" ".join(line[start:end])))


def _passed_over(word: str) -> bool:
    """Say whether a word in front of a name measures or prepares: `2`, `cups`, `freshly`, `milled`."""
    prepares = word.endswith(("ed", "ly")) or word in SPICE_FORMS or stem(word) in NO_INGREDIENT
    return word in {")", ".", "-"} or word[0].isnumeric() or prepares
