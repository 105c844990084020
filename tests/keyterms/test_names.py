"""One name as it stands; the first of alternatives; what is joined is named too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.keyterms.names import OR, first_alternative, fixed, joined, name_places
from seje.text.tokens import tokens
from seje.vocabulary.lexicon import Lexicon

KNOWN = Lexicon(
    "salt pepper black_pepper flour milk egg sugar vanilla_extract dill mint cheese".split(), tolerant=True
)
SIGNS = st.sampled_from(
    "salt or and & , / of ( ) 2 cups whole cloves cream double chicken stock half :".split()
)


@pytest.mark.parametrize(
    ("line", "tagged", "name"),
    [
        ("1 cup soup of leek", "soup leek", "soup of leek"),
        ("150 g beef or lamb mince", "beef lamb", "beef"),
        ("pitta or naan", "pitta or naan", "pitta"),
        ("2 tsp Korean (dark) rice syrup", "korean rice syrup", "rice syrup"),
        ("6 corn-fed or free hens", "corn-fed hens", "hens"),
        ("1 pinch each rock salt and pepper", "each rock salt", "rock salt"),
        ("1 tub soft cheese", "tub soft cheese", "soft cheese"),
        ("8 whole cloves", "whole", "whole cloves"),
        ("3 whole rich dried chilies", "whole", ""),
        ("2 cups", "cups", ""),
        ("1 cup beef or vegetable stock", "beef", "vegetable stock"),
        ("2 tbsp lemon or lime juice", "lemon juice", "lime juice"),
        ("2 tbsp butter or olive oil", "butter", "butter"),
        ("2 tbsp lemon juice or vinegar", "lemon juice vinegar", "lemon juice"),
        ("150 ml double cream", "cream", "double cream"),
        ("1 cup half & half", "half half", "half & half"),
        ("2 packs cup noodles", "noodles", "cup noodles"),
        ("salt and pepper", "salt and pepper", "salt"),
        ("2 tbsp sweet and sour sauce", "sauce", "sweet and sour sauce"),
        ("1 cup bakers' sugar", "bakers sugar", "bakers ' sugar"),
        ("4 grass-fed or organic steaks", "grass-fed", "steaks"),
        ("for the glaze: milk", "glaze milk", "milk"),
    ],
)
def test_words_that_stand_together_are_the_name(line: str, tagged: str, name: str) -> None:
    words = tokens(line)
    wanted = tagged.split()
    places = [place for place, word in enumerate(words) if word in wanted]
    assert " ".join(words[place] for place in name_places(words, places)) == name


@given(st.lists(SIGNS, min_size=1, max_size=12), st.data())
def test_a_name_is_one_stretch_of_the_line(line: list[str], data: st.DataObject) -> None:
    tagged = data.draw(st.lists(st.integers(0, len(line) - 1), unique=True).map(sorted))
    places = name_places(line, tagged)
    assert list(places) == list(range(places[0], places[-1] + 1)) if places else True
    for match in joined(line, places[-1] + 1 if places else 0, KNOWN):
        assert not set(range(match.start, match.end)) & set(places)


@pytest.mark.parametrize(
    ("line", "end", "further"),
    [
        ("salt and pepper", 1, "pepper"),
        ("Salt & freshly milled black pepper, to taste", 1, "black_pepper"),
        ("salt and paprika to taste", 1, "paprika"),
        ("salt and peeled or cored", 1, ""),
        ("flour, milk and eggs", 1, "milk egg"),
        ("flour, milk, and 2 eggs, beaten", 1, "milk egg"),
        ("1 cup sugar 2 eggs 1 tsp vanilla extract", 3, "egg vanilla_extract"),
        ("1 egg plus 2 tbsp (30 ml) milk", 2, "milk"),
        ("1 egg, beaten and salted", 2, ""),
        ("flour, sugar", 1, ""),
        ("milk or sugar", 1, ""),
        ("dill and/or mint", 1, ""),
        ("2 eggs and 3/4 of a cup", 2, ""),
    ],
)
def test_joined_names_are_found(line: str, end: int, further: str) -> None:
    assert [match.entity for match in joined(tokens(line), end, KNOWN)] == further.split()


def test_some_names_hold_measures_or_an_and() -> None:
    assert fixed(tokens("1 cup half & half")) == {2, 3, 4}
    assert fixed(tokens("2 tbsp sweet and sour sauce")) == {2, 3, 4}
    assert fixed(tokens("1 half and 2 cups cream")) == set()


def test_time_is_linear_in_the_line() -> None:
    """A hundred thousand tokens; what is quadratic would take hours."""
    for line in (
        ["salt", "and"] * 50_000,
        ["salt", "or"] * 50_000,
        ["half", "and"] * 50_000,
        ["for", ":"] * 50_000,
    ):
        places = range(0, len(line), 2)
        name_places(line, places)
        assert len(list(joined(line, 1, KNOWN))) < len(line)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("naan or pita", "naan"),
        ("1 cup sour cream / milk", "sour_cream"),
        ("red or yellow onion", None),  # `red` is no name
        ("fresh or frozen peas", None),
        ("1 cup chicken or vegetable stock", None),  # both are stocks
        ("pita", None),
    ],
)
def test_the_first_of_alternatives_in_front_of_a_known_name(text, first):
    line = tokens(text)
    other = max((place + 1 for place, word in enumerate(line) if word in OR), default=0)
    found = first_alternative(line, 0, other)
    assert (found and found.entity) == first
