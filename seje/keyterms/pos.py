"""Parts of speech and lemmas of recipe sentences: HanTa (BNC C5 tags), with imperatives put right."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

LONGEST_WORD = 30  # HanTa's time grows with the square of a word's length
LONGEST_SENTENCE = 80
_SENTENCE_ENDS = frozenset(".!?;:()[]")
_CLAUSE_STARTS = frozenset({",", "and", "then", "or", "to"})
_SUBJECT_FOLLOWS = ("VB", "VM", "VH", "VD", "VVZ")  # "water is": a noun before an auxiliary is no imperative
_VERB_MARGIN = 4.0  # nats by which a noun's reading may beat a verb's at the start of a later clause


class Tagged(NamedTuple):
    """A word of a sentence, its dictionary form and its C5 tag (VVB, NN1, ...)."""

    word: str
    lemma: str
    tag: str


def tag(tokens: Sequence[str], imperative: bool = False) -> list[Tagged]:
    """Tag the tokens of a text; `imperative`: its sentences are orders, as instructions are. Never raises."""
    return [word for sentence in sentences(tokens) for word in _tag(tuple(sentence), imperative)]


def sentences(tokens: Sequence[str]) -> Iterator[list[str]]:
    """Cut tokens behind each sentence end, and anyway after LONGEST_SENTENCE tokens."""
    sentence: list[str] = []
    for token in tokens:
        sentence.append(token)
        if token in _SENTENCE_ENDS or len(sentence) == LONGEST_SENTENCE:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def is_verb(tagged: Tagged) -> bool:
    """Say whether it is a full verb: not to be, have, do, nor a modal."""
    return tagged.tag.startswith("VV")


def is_noun(tagged: Tagged) -> bool:
    """Say whether it is a common noun."""
    return tagged.tag in {"NN0", "NN1", "NN2"}


@lru_cache(maxsize=1)
def _hanta() -> Any:
    from HanTa.HanoverTagger import HanoverTagger

    tagger = HanoverTagger("morphmodel_en.pgz")
    # Most of its time goes into taking the same words apart again.
    tagger.analyze_forward = lru_cache(maxsize=100_000)(tagger.analyze_forward)
    return tagger


@lru_cache(maxsize=1)
def _sentence_tagger() -> Any:
    from seje.keyterms.viterbi import SentenceTagger

    return SentenceTagger(_hanta())


@lru_cache(maxsize=100_000)
def _lemma(word: str, tag: str) -> str:
    return str(_hanta().analyze(word, pos=tag)[0]).lower()


@lru_cache(maxsize=100_000)
def _tag(sentence: tuple[str, ...], imperative: bool) -> tuple[Tagged, ...]:
    known = [token if len(token) <= LONGEST_WORD else "x" for token in sentence]
    try:
        tags = _sentence_tagger().tag(known)
        lemmas = [_lemma(*pair) for pair in zip(known, tags, strict=True)]
    except (KeyError, IndexError, ValueError):  # no path through signs that HanTa has never met
        tags, lemmas = ["UNC"] * len(known), known
    tagged = [
        Tagged(word, lemma, tag) if len(word) <= LONGEST_WORD else Tagged(word, word, "UNC")
        for word, lemma, tag in zip(sentence, lemmas, tags, strict=True)
    ]
    return tuple(_order(tagged)) if imperative else tuple(tagged)


def _order(sentence: list[Tagged]) -> Iterator[Tagged]:
    """Make a verb of a noun at the start of a clause where the word can be one: `heat the oil, mix well`."""
    for place, here in enumerate(sentence):
        before = sentence[place - 1].word if place else ""
        following = sentence[place + 1].tag if place + 1 < len(sentence) else ""
        starts = place == 0 or before in _CLAUSE_STARTS
        if starts and not is_verb(here) and not following.startswith(_SUBJECT_FOLLOWS):
            verb, margin = _verb_reading(here.word)
            if verb and (place == 0 or margin < _VERB_MARGIN and not following.startswith("NN")):
                yield Tagged(here.word, verb, "VVB")
                continue
        yield here


@lru_cache(maxsize=20_000)
def _verb_reading(word: str) -> tuple[str, float]:
    """Return the lemma of the word as a base-form verb ("" if it is none) and by how much that loses."""
    if len(word) > LONGEST_WORD or word in _NEVER_ORDERS:
        return "", 0.0
    readings = [(str(tag), float(value)) for tag, value in _hanta().tag_word(word, cutoff=8)]
    verbs = [value for tag, value in readings if tag in {"VVB", "VVI"}]
    if word in _ORDERS:
        return word, 0.0
    # Readings of words HanTa does not know are guesses from the ending: below -25.
    if not verbs or verbs[0] < -25:
        return "", 0.0
    return word, readings[0][1] - verbs[0]


# Cooking verbs that HanTa knows as nouns alone, and words that look like orders at a sentence's start.
_ORDERS = frozenset(
    "julienne cube layer zest juice oil flour microwave saute puree toast butter skim skewer salt".split()
)
_NEVER_ORDERS = frozenset("the a an in on with for if when once while after before as until at by".split())
