import os
import subprocess
import sys

import numpy as np
import pytest

from seje.errors import SejeError
from seje.text import vectors
from seje.vocabulary.lexicon import Lexicon
from seje.word2vec import training
from seje.word2vec.settings import Word2vecSettings

TEXTS = ["Eggs in red wine", "1 cup red wine, warmed", "Poach the eggs in the red wine."] * 20
SETTINGS = Word2vecSettings(
    vector_size=8,
    window=3,
    epochs=2,
    min_count=2,
    hs=1,
    negative=0,
    workers=1,
    seed=1,
)
SCRIPT = """
import sys
from pathlib import Path
from seje.word2vec import training
from seje.word2vec.settings import Word2vecSettings
from seje.vocabulary.lexicon import Lexicon
texts = ["Eggs in red wine", "1 cup red wine, warmed", "Poach the eggs in the red wine."] * 20
sentences = training.Sentences(texts, Lexicon(["red_wine"]))
settings = Word2vecSettings(
    vector_size=8, window=3, epochs=2, min_count=2, hs=1, negative=0, workers=1, seed=1
)
model = training.train(sentences, settings)
training.save(model, Path(sys.argv[1]))
"""


def test_sentences_come_plain_and_joined_and_again() -> None:
    sentences = training.Sentences(["1 cup red wine", "2 eggs", "12"], Lexicon(["red_wine"]))
    expected = [["cup", "red", "wine"], ["cup", "red_wine"], ["eggs"]]
    assert list(sentences) == expected
    assert list(sentences) == expected


def test_words_and_entities_have_vectors(tmp_path) -> None:
    model = training.train(training.Sentences(TEXTS, Lexicon(["red_wine"])), SETTINGS)
    training.save(model, tmp_path / "vectors.bin")
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
        training.train(training.Sentences(["salt"], Lexicon([])), SETTINGS)


def test_phrases_hold_no_measures() -> None:
    lines = ["2 cups olive oil, chopped", "1 tbsp olive oil", "3 cups flour"] * 30
    lines += [f"1 cup {chr(97 + i)}{chr(98 + j)}x" for i in range(20) for j in range(20)]
    assert training.phrases(lines) == ["olive_oil"]
