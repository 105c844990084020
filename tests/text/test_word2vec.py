import os
import subprocess
import sys

import numpy as np
import pytest

from seje.errors import SejeError
from seje.text import vectors, word2vec
from seje.text.lexicon import Lexicon

TEXTS = ["Eggs in red wine", "1 cup red wine, warmed", "Poach the eggs in the red wine."] * 20
SETTINGS = {
    "vector_size": 8,
    "window": 3,
    "epochs": 2,
    "min_count": 2,
    "hs": 1,
    "negative": 0,
    "workers": 1,
    "seed": 1,
}
SCRIPT = """
import sys
from pathlib import Path
from seje.text import word2vec
from seje.text.lexicon import Lexicon
texts = ["Eggs in red wine", "1 cup red wine, warmed", "Poach the eggs in the red wine."] * 20
sentences = word2vec.Sentences(texts, Lexicon(["red_wine"]))
model = word2vec.train(
    sentences, vector_size=8, window=3, epochs=2, min_count=2, hs=1, negative=0, workers=1, seed=1
)
word2vec.save(model, Path(sys.argv[1]))
"""


def test_sentences_come_plain_and_joined_and_again() -> None:
    sentences = word2vec.Sentences(["1 cup red wine", "2 eggs", "12"], Lexicon(["red_wine"]))
    expected = [["cup", "red", "wine"], ["cup", "red_wine"], ["eggs"]]
    assert list(sentences) == expected
    assert list(sentences) == expected


def test_words_and_entities_have_vectors(tmp_path) -> None:
    model = word2vec.train(word2vec.Sentences(TEXTS, Lexicon(["red_wine"])), **SETTINGS)
    word2vec.save(model, tmp_path / "vectors.bin")
    known = vectors.load(tmp_path / "vectors.bin")
    assert {"red", "wine", "red_wine", "eggs"} <= set(known.rows)
    assert known.matrix.dtype == np.float32
    assert known.size == 8
    np.testing.assert_array_equal(vectors.term_vector(known, "red_wine"), model.wv["red_wine"])
    mean = (model.wv["red"] + model.wv["eggs"]) / 2
    np.testing.assert_allclose(vectors.term_vector(known, "red_unheard_eggs"), mean, rtol=1e-6)
    assert vectors.term_vector(known, "unheard") is None
    assert vectors.term_vector(known, "") is None


def test_two_processes_write_the_same_bytes(tmp_path) -> None:
    written = []
    for seed in ("0", "12345"):
        path = tmp_path / f"{seed}.bin"
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", SCRIPT, str(path)], env=environment, check=True)
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_too_little_text_is_one_clear_line() -> None:
    with pytest.raises(SejeError, match="word2vec.min_count"):
        word2vec.train(word2vec.Sentences(["salt"], Lexicon([])), **SETTINGS)


def test_phrases_hold_no_measures() -> None:
    lines = ["2 cups olive oil, chopped", "1 tbsp olive oil", "3 cups flour"] * 30
    lines += [f"1 cup {chr(97 + i)}{chr(98 + j)}x" for i in range(20) for j in range(20)]
    assert word2vec.phrases(lines) == ["olive_oil"]
