from hypothesis import given
from hypothesis import strategies as st

from seje.vocabulary.lexicon import Lexicon, join
from seje.vocabulary.plurals import stem

WORDS = st.sampled_from(["red", "wine", "wines", "sea", "salt", "egg", "eggs"])
TEXTS = st.lists(WORDS, max_size=12)
ENTITIES = st.lists(st.lists(WORDS, min_size=1, max_size=4).map("_".join), max_size=6)


def naive_longest(text: list[str], entities: list[str]) -> tuple[int, int, str] | None:
    keys = [stem(word) for word in text]
    best = None
    for entity in entities:
        wanted = [stem(word) for word in entity.split("_")]
        for start in range(len(text)):
            if keys[start : start + len(wanted)] == wanted and (best is None or _better(start, wanted, best)):
                best = start, start + len(wanted), entity
    return best


def _better(start: int, wanted: list[str], best: tuple[int, int, str]) -> bool:
    return (-len(wanted), start) < (best[0] - best[1], best[0])


@given(TEXTS, ENTITIES)
def test_longest_is_the_naive_search(text: list[str], entities: list[str]) -> None:
    assert Lexicon(entities, tolerant=True).longest(text) == naive_longest(text, entities)


@given(TEXTS, ENTITIES)
def test_find_is_greedy_and_leaves_nothing_out(text: list[str], entities: list[str]) -> None:
    place = 0
    for start, end, entity in Lexicon(entities).find(text):
        assert "_".join(text[start:end]) == entity in entities
        gap = range(place, start)
        assert not any("_".join(text[i:j]) in entities for i in gap for j in range(i + 1, len(text) + 1))
        assert not any("_".join(text[start:j]) in entities for j in range(end + 1, len(text) + 1))
        place = end


@given(TEXTS, ENTITIES, ENTITIES)
def test_two_lexicons_match_as_one(text: list[str], mine: list[str], others: list[str]) -> None:
    both = list(Lexicon(mine, tolerant=True).find(text, Lexicon(others, tolerant=True)))
    assert both == list(Lexicon([*mine, *others], tolerant=True).find(text))


def test_join_puts_entities_of_several_words_in_one_token() -> None:
    known = Lexicon(["red_wine", "red_wine_vinegar", "salt"])
    assert join(["add", "red", "wine", "vinegar", "and", "salt"], known) == [
        "add",
        "red_wine_vinegar",
        "and",
        "salt",
    ]
    assert join(["red", "wine"], known) == ["red_wine"]
    assert join(["add", "salt"], known) is None
    assert join([], known) is None


def test_heads_stand_for_their_entity_unless_they_are_one() -> None:
    known = Lexicon(["dry_red_wine", "wine_vinegar", "vinegar"], heads=True)
    found = known.find(["red", "wine", "or", "vinegar", "or", "wine", "dry"])
    assert [match.entity for match in found] == ["dry_red_wine", "vinegar", "dry_red_wine"]


def test_an_entity_of_thousands_of_words_costs_a_long_text_nothing() -> None:
    """The suite would stand still here if every place of the text were compared with it."""
    known = Lexicon(["_".join(["salt"] * length) for length in range(1, 8)] + ["_".join(["egg"] * 5000)])
    assert known.longest(["salt"] * 100_000) == (0, 7, "_".join(["salt"] * 7))
