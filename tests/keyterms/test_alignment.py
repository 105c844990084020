from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from seje.keyterms.alignment import align, parts, spells
from seje.text.tokens import tokens, words
from seje.vocabulary.plurals import stem

WORDS = st.sampled_from(["red", "wine", "wines", "sea", "salt", "egg", "eggs", "dry", "berries"])
LINES = st.lists(st.one_of(WORDS, st.sampled_from([",", "2", "("])), max_size=7)


def naive(line: list[str], name: list[str]) -> list[int] | None:
    """Try every choice of places for the name's words, in every order."""
    best = None
    for places in permutations(range(len(line)), len(name)):
        if all(stem(line[place]) == stem(word) for place, word in zip(places, name, strict=True)):
            inside = sorted(places)
            keys = [stem(line[place]) for place in inside]
            rank = (inside[-1] - inside[0], keys != [stem(word) for word in name], inside[0])
            best = min(best or (rank, inside), (rank, inside))
    return [int(place in best[1]) for place in range(len(line))] if best else None


@given(LINES, st.lists(WORDS, min_size=1, max_size=3))
def test_align_is_the_naive_search(line: list[str], name: list[str]) -> None:
    expected = naive(line, name)
    found = align(line, " ".join(name))
    if expected is None or found is None:
        assert found == expected
    else:
        assert sum(found) == len(name)
        marked = [place for place, label in enumerate(found) if label]
        best = [place for place, label in enumerate(expected) if label]
        assert (marked[0], marked[-1]) == (best[0], best[-1])
        assert sorted(stem(line[place]) for place in marked) == sorted(map(stem, name))


@given(st.text(), st.text())
def test_align_takes_any_text(line: str, name: str) -> None:
    labels = align(tokens(line), name)
    assert labels is None or len(labels) == len(tokens(line))


def test_align_tolerates_plurals_order_and_hyphens() -> None:
    assert align(tokens("5 dried, pitted dates"), "pitted date") == [0, 0, 0, 1, 1]
    assert align(tokens("1 lb cheese, cheddar"), "cheddar cheese") == [0, 0, 1, 0, 1]
    assert align(tokens("2 cups all-purpose flour"), "all purpose flour") == [0, 0, 1, 1]
    assert align(tokens("1 cup salt, fine sea salt"), "sea salt") == [0, 0, 0, 0, 0, 1, 1]
    assert align(tokens("2 eggs"), "milk") is None
    assert align([], "milk") is None
    assert align(tokens("2 eggs"), "") is None


def test_stems_join_singular_and_plural() -> None:
    pairs = [
        "leaf leaves",
        "berry berries",
        "tomato tomatoes",
        "olive olives",
        "radish radishes",
        "cookie cookies",
    ]
    for pair in [*pairs, "loaf loaves", "knife knives", "clove cloves", "peach peaches", "egg eggs"]:
        one, many = pair.split()
        assert stem(one) == stem(many), pair
    assert len({stem(word) for word in ["couscous", "cous", "asparagus", "cress", "molasses"]}) == 5


@given(st.lists(WORDS, min_size=1))
def test_an_entity_spells_its_own_name(name: list[str]) -> None:
    assert spells("_".join(name), " ".join(reversed(name)))
    assert set(parts(words(" ".join(name)))) == {stem(word) for word in name}
