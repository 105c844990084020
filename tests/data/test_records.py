from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.data.records import BadRecord, Limits, Recipe, clean, parse

LIMITS = Limits(5, 5)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def record(**changes: Any) -> dict[str, Any]:
    lines = [{"text": "1 egg"}, {"text": " "}, {"text": "salt"}]
    good = {"id": "00a1b2c3d4", "partition": "train", "title": "Egg", "ingredients": lines}
    return good | {"instructions": [{"text": "Boil."}]} | changes


def test_a_good_record_keeps_its_lines_parallel():
    detected = {"valid": [True, True, False], "ingredients": [{"text": t} for t in ("egg", "", "salt")]}
    photos = {"images": [{"id": "0fa8309c13.jpg"}, {"id": "../../passwd.jpg"}, {"id": "0fa8309c13.jpg"}, 7]}
    recipe = parse(record(), photos, detected, LIMITS)
    assert recipe.ingredients == ["1 egg", "salt"]  # the blank line is gone, with its entity
    assert recipe.entities == ["egg", "salt"]
    assert recipe.valid == [True, False]
    assert recipe.photos == ["0fa8309c13.jpg"]  # once, and no name that leads elsewhere


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({}, None),
        ({"url": "https://www.kitchen.example.org/egg.html"}, "kitchen.example.org"),
        ({"source": " Old Book ", "url": "http://example.org"}, "Old Book"),
        ({"source": 7, "url": "http://example.org:80/"}, "example.org"),
        ({"url": "http://[broken"}, None),
        ({"url": "no address"}, None),
        ({"url": ["http://example.org"]}, None),
    ],
)
def test_the_source_is_what_is_given_or_the_host_of_the_address(changes, source):
    assert parse(record(**changes), None, None, LIMITS).source == source


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "id is not 10 hex digits"),
        ({"id": "../etc/pas"}, "id is not 10 hex digits"),
        ({"partition": "dev"}, "unknown partition"),
        ({"partition": ["train"]}, "unknown partition"),
        ({"title": " \t"}, "no title"),
        ({"title": None}, "no title"),
        ({"ingredients": "egg"}, "ingredients is not a list"),
        ({"ingredients": []}, "no ingredients"),
        ({"ingredients": [{"text": None}]}, "a line of ingredients has no text"),
        ({"instructions": ["Boil."]}, "a line of instructions has no text"),
        ({"instructions": [{"text": "\x00"}]}, "no instructions"),
        ({"ingredients": [{"text": "egg"}] * 6}, "more ingredients than corpus.max_ingredients"),
    ],
)
def test_a_bad_record_has_its_reason(changes, reason):
    with pytest.raises(BadRecord, match=f"^{reason}$"):
        parse(record(**changes), None, None, LIMITS)


@pytest.mark.parametrize(
    "detected",
    [None, [], {"valid": [True], "ingredients": [{"text": "egg"}]}, {"valid": 3, "ingredients": [{}]}],
)
def test_entities_that_do_not_fit_cost_no_recipe(detected):
    recipe = parse(record(), None, detected, LIMITS)
    assert recipe.entities is None and recipe.valid is None


@given(raw=JSON, layer2=JSON, detected=JSON)
def test_any_json_is_a_recipe_or_a_reason(raw, layer2, detected):
    for given_raw in (raw, record(title=raw, ingredients=layer2)):
        try:
            assert isinstance(parse(given_raw, layer2, detected, LIMITS), Recipe)
        except BadRecord as error:
            assert str(error)


def test_clean_joins_what_cannot_be_seen():
    assert clean(" a\x00\n\tb\ud83d c\u00a0") == "a b c"
