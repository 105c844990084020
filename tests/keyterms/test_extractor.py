import numpy as np
import pytest
import torch

from seje.keyterms import tagging
from seje.keyterms.extractor import Extractor, quantity, tagged_lines
from seje.keyterms.reexamination import Line
from seje.keyterms.tagger import Tagger
from seje.keyterms.tagging import Example
from seje.keyterms.terms import Term
from seje.text.tokens import tokens

LINES = {"1 cup red wine": (0, 0, 1, 1), "2 large eggs": (0, 0, 1), "3 cups milk": (0, 0, 1), "note :": None}
ODD = ["", "\U0001f373", "\u0645\u0644\u062d", "\x00\x07\u200f", "12 3/4", "salt " * 10_000, "x" * 5_000]


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    torch.manual_seed(0)
    words = ["cup", "cups", "eggs", "large", "milk", "red", "wine"]
    tagger = Tagger(words, 8, 16, np.random.default_rng(0).normal(size=(7, 8)).astype(np.float32))
    examples = [Example(tuple(tokens(line)), labels) for line, labels in LINES.items()]
    tagging.train(tagger, examples * 4, epochs=30, batch=8, lr=0.03, seed=0)
    return Extractor(tagger, ["pitted_dates", "dates", "milk"], ["milk"])


def test_lines_are_tagged_reexamined_or_lost(extractor):
    found = extractor.lines(["1 cup red wine", "note : 5 dried, pitted dates", "note :"])
    assert [line.found for line in found] == ["valid", "reexamined", "heading"]
    assert [line.entity for line in found] == ["red_wine", "pitted_dates", ""]


def test_any_part_of_a_recipe_may_be_missing(extractor):
    assert extractor.terms("", [], []) == []
    assert extractor.terms("Hot milk", [], []) == [Term("milk", "ingredient", "title")]
    assert Term("red_wine", "ingredient", "ingredients") in extractor.terms("", ["1 cup red wine"], [])
    assert Term("simmer", "action", "instructions") in extractor.terms("", [], ["Simmer the milk."])


def test_tagged_lines_tell_entity_quantity_and_trust(extractor):
    wine, dates = tagged_lines(extractor, ["1 cup red wine", "note : 5 dried, pitted dates"])
    assert wine["entity"] == "red wine" and wine["quantity"] == "1 cup" and wine["valid"] is True
    assert dates["entity"] == "pitted dates" and dates["quantity"] == "5" and dates["valid"] is False


def test_odd_lines_have_an_answer(extractor):
    assert [line["line"] for line in tagged_lines(extractor, ODD)] == ODD
    extractor.terms(ODD[2], ODD, ODD)


def test_quantity_leaves_out_the_entity_and_what_is_no_measure():
    words = tokens("1 (14 oz) can diced tomatoes, drained")
    assert quantity(words, Line("tomatoes", (7,), "valid")) == ["1", "14", "oz", "can"]
