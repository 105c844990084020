from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.corpus.parsing import Detected, parse, parse_detected, parse_id, parse_photos
from seje.data.records import BadRecord, Limits, Recipe

LIMITS = Limits(5, 5)
BAD_ID = "id with white space, a slash or control characters, or too long"
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
    recipe = parse(record(), ["0fa8309c13.jpg"], parse_detected(detected), LIMITS)
    assert recipe.ingredients == ["1 egg", "salt"]  # the blank line is gone, with its entity
    assert recipe.entities == ["egg", "salt"]
    assert recipe.valid == [True, False]
    assert recipe.photos == ["0fa8309c13.jpg"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "no id"),
        ({"id": 7}, "no id"),
        ({"id": ""}, "no id"),
        ({"id": "../etc/pas"}, BAD_ID),
        ({"id": "a b"}, BAD_ID),
        ({"id": "a\u2003b"}, BAD_ID),
        ({"id": "a\x00b"}, BAD_ID),
        ({"id": "a\ud83d"}, BAD_ID),
        ({"id": "\u200b"}, BAD_ID),
        ({"id": "a" * 201}, BAD_ID),
        ({"partition": "dev"}, "unknown partition"),
        ({"partition": ["train"]}, "unknown partition"),
        ({"title": " \t"}, "no title"),
        ({"title": None}, "no title"),
        ({"title": "\u200b\u00ad\u2063"}, "no title"),
        ({"title": "<b>&nbsp;</b>"}, "no title"),
        ({"title": "x" * 20_001}, "the title has more than 20000 characters"),
        ({"ingredients": [{"text": "\u3164"}, {"text": "\u2800"}]}, "no ingredients"),
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
        parse(record(**changes), [], None, LIMITS)


@pytest.mark.parametrize(
    "id_", ["00ABCDEF12", "recipe-7_b.2", "cr\u00e8me", "\u0622\u0634\u200c\u0631", "a" * 200]
)
def test_other_collections_have_ids_of_their_own(id_):
    assert parse_id({"id": id_}) == id_


def test_entities_that_do_not_fit_cost_no_recipe():
    recipe = parse(record(), [], Detected(["egg"], [True]), LIMITS)
    assert recipe.entities is None and recipe.valid is None


@pytest.mark.parametrize(
    "detected",
    [
        {},
        {"valid": [True], "ingredients": []},
        {"valid": 3, "ingredients": [{}]},
        {"valid": ["false"], "ingredients": [{"text": "egg"}]},
        {"valid": [float("nan")], "ingredients": [{"text": "egg"}]},
        {"valid": [[]], "ingredients": [{"text": "egg"}]},
        {"valid": [True], "ingredients": ["egg"]},
    ],
)
def test_lists_that_are_none_have_a_reason(detected):
    with pytest.raises(BadRecord):
        parse_detected(detected)


GOOD_NAMES = [
    "0fa8309c13.jpg",
    "My cake (2).jpg",
    "soup.final.v2.jpeg",
    "cr\u00e8me [1].png",
    "IMG_7",
    ".a.jpg",
]
BAD_NAMES = [
    "a/b.jpg",
    "a\\b.jpg",
    "..",
    ".",
    "",
    " ",
    "\u200b",
    "a\x00.jpg",
    "a\n.jpg",
    "\ud83d.jpg",
    "\u00e9" * 128,
]


def test_any_plain_file_name_is_a_photo_and_nothing_vanishes():
    entries = [{"id": name, "url": "u"} for name in GOOD_NAMES] + ["plain.jpg"] + BAD_NAMES + [7, None, {}]
    listed = parse_photos({"images": entries})
    assert listed.names == [*GOOD_NAMES, "plain.jpg"]
    assert [name for name, _ in listed.rejected] == [*BAD_NAMES, None, None, None]
    assert len({reason for _, reason in listed.rejected}) == 3


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({"source": " Grandma&#39;s book ", "url": "http://x.org/1"}, "Grandma's book"),
        ({"source": "", "url": "https://WWW.Food.com:80/a"}, "food.com"),
        ({"source": "https://git.org/book/1.md", "url": "https://food.com/1"}, "food.com"),
        ({"source": "https://www.git.org/book/1.md"}, "git.org"),
        ({"source": 7, "url": "http://user:word@a.b.org/x"}, "a.b.org"),
        ({"url": "http://[broken"}, None),
        ({"url": "no address"}, None),
        ({"url": {}}, None),
        ({}, None),
    ],
)
def test_where_a_recipe_is_from(changes, source):
    assert parse(record(**changes), [], None, LIMITS).source == source


def test_text_is_cleaned_at_the_reader_in_every_field():
    lines = [{"text": "&frac12; cup sugar"}, {"text": "<b>salt</b>"}]
    raw = record(title="Cr&egrave;me", ingredients=lines, instructions=[{"text": "<p>Heat to 80&deg;C.</p>"}])
    detected = parse_detected(
        {"valid": [1, 0], "ingredients": [{"text": "<i>sugar</i>"}, {"text": "sa&shy;lt"}]}
    )
    recipe = parse(raw, [], detected, LIMITS)
    assert recipe.title == "Cr\u00e8me" and recipe.ingredients == ["\u00bd cup sugar", "salt"]
    assert recipe.instructions == ["Heat to 80\u00b0C."] and recipe.entities == ["sugar", "salt"]
    assert recipe.valid == [True, False]


@given(raw=JSON, detected=JSON)
def test_any_json_is_a_recipe_or_a_reason(raw, detected):
    for given_raw in (raw, record(title=raw, ingredients=detected), record(url=raw, source=detected)):
        try:
            assert isinstance(parse(given_raw, [], None, LIMITS), Recipe)
        except BadRecord as error:
            assert str(error)
    for read, field in (
        (parse_photos, {"images": raw}),
        (parse_detected, {"valid": raw, "ingredients": detected}),
    ):
        try:
            read(field)
        except BadRecord as error:
            assert str(error)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"url": " HTTPS://food.com/a?b=c#d ", "source": "https://git.org/1"}, "HTTPS://food.com/a?b=c#d"),
        ({"url": "food.com", "source": "https://git.org/1"}, "https://git.org/1"),
        ({"url": "javascript:alert(1)"}, None),
        ({"url": "javascript://food.com/%0aalert(1)"}, None),
        ({"url": "data:text/html,http://x.org"}, None),
        ({"url": "http://"}, None),
        ({"url": "http://[::1"}, None),
        ({"url": "http://a.org/a b"}, None),
        ({"url": "http://a.org/\nb"}, None),
        ({"url": "http://a.org/" + "x" * 2000}, None),
        ({"url": 7, "source": "Book"}, None),
    ],
)
def test_the_page_that_a_recipe_is_from(changes, url):
    assert parse(record(**changes), [], None, LIMITS).url == url
