"""Silver labels on real lines, against labels by hand.

paprika_entities.json has 150 ingredient lines of the test partition, drawn at random (random.sample over
their numbers), labelled before any prediction on them was seen: the line's number among all ingredient lines
of test recipes in layer1.json, and the places of the entity's words among its tokens. The rules: the first
ingredient that is named, with what makes it another product (dried, ground, frozen, red), without sizes,
preparations, `fresh`, praise and brands; no place where the line names none.
"""

import json

import pytest
from conftest import ROOT

from seje.keyterms.agreement import Counts
from seje.search.tagging import extractor
from seje.text.tokens import tokens

LABELS = json.loads((ROOT / "tests/keyterms/paprika_entities.json").read_text())


@pytest.mark.slow
def test_weak_entities_of_real_lines(shared, paprika, monkeypatch):
    monkeypatch.chdir(paprika)
    recipes = json.loads((shared / "paprika/layer1.json").read_text())
    lines = [line["text"] for r in recipes if r["partition"] == "test" for line in r["ingredients"]]
    texts = [lines[int(number)] for number in LABELS]
    counts = Counts()
    for text, line, wanted in zip(texts, extractor().lines(texts), LABELS.values(), strict=True):
        words = tokens(text)
        places = [place for place in line.places if words[place][0].isalpha()]
        counts.found += bool(places)
        counts.there += bool(wanted)
        counts.right += bool(wanted) and places == wanted
    print(counts.scores())
    assert counts.there == 147
    assert counts.scores()["f1"] >= 0.75
