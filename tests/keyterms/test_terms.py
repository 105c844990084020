import json
from pathlib import Path

import pytest

from seje.keyterms import weak_labels
from seje.keyterms.reexamination import Line
from seje.keyterms.terms import Term, recipe_terms
from seje.text.tokens import entity_token, tokens
from seje.vocabulary.kitchen_words import QUANTITIES, TIMES, UNITS
from seje.vocabulary.lexicon import Lexicon
from seje.vocabulary.plurals import stem

PAPRIKA = Path(__file__).parents[3] / "shared/data/paprika/layer1.json"
ODD = ["", "\U0001f373", "\u0645\u0644\u062d", "\x00\x07\u200f", "12 3/4", "salt " * 10_000, "x" * 5_000]


def test_terms_of_a_recipe_by_kind_and_field() -> None:
    lines = [Line("red_wine", (2, 3), "valid"), Line("", (), "lost")]
    terms = recipe_terms(
        "Eggs in Red Wine",
        [tokens("1 cup red wine, warmed"), tokens("2 somethings")],
        lines,
        ["Simmer the red wine in a large frying pan for 10 minutes.", "Poach the egg; serve on a plate."],
        Lexicon(["eggs"], tolerant=True),
    )
    assert Term("red_wine", "ingredient", "title") in terms
    assert terms.count(Term("red_wine", "ingredient", "ingredients")) == 1
    assert {term.term for term in terms if term.kind == "ingredient"} == {"red_wine", "eggs"}
    kitchen = {(term.term, term.kind) for term in terms if term.field == "instructions"}
    assert kitchen >= {
        ("simmer", "action"),
        ("poach", "action"),
        ("frying_pan", "utensil"),
        ("plate", "utensil"),
    }
    assert not {"minute", "minutes", "wine", "large", "cup"} & {term.term for term in terms}


def test_a_head_stands_for_its_entity_and_a_unit_as_a_verb_is_an_action() -> None:
    lines = [Line("red_onion", (1, 2), "valid")]
    terms = recipe_terms(
        "Dish", [tokens("2 red onions")], lines, ["Slice the onions; use 2 slices."], Lexicon([])
    )
    found = [term[:2] for term in terms if term.field == "instructions"]
    assert found == [("red_onion", "ingredient"), ("slice", "action")]


def test_odd_text_has_terms_or_none() -> None:
    lines = [Line("", (), "lost")] * len(ODD)
    terms = recipe_terms(ODD[2], [tokens(line) for line in ODD], lines, ODD, Lexicon(["salt"]))
    assert all(term.term and entity_token(term.term.replace("_", " ")) == term.term for term in terms)


@pytest.mark.skipif(not PAPRIKA.exists(), reason="the real recipes are not here")
def test_measures_are_never_terms_of_real_recipes() -> None:
    measures = UNITS | QUANTITIES | TIMES
    for recipe in json.loads(PAPRIKA.read_text(encoding="utf-8"))[:40]:
        texts = [step["text"] for step in recipe["instructions"]]
        stems = weak_labels.mentions([recipe["title"], *texts])
        lines, words = [], [tokens(line["text"]) for line in recipe["ingredients"]]
        for line in words:
            places = [place for place, label in enumerate(weak_labels.label(line, stems) or []) if label]
            entity = entity_token(" ".join(line[place] for place in places))
            lines.append(Line(entity, tuple(places), "valid" if entity else "lost"))
        terms = recipe_terms(recipe["title"], words, lines, texts, Lexicon([]))
        assert terms
        found = {term.term for term in terms if stem(term.term) in measures and term.kind != "action"}
        assert not found - {"cloves"}
