import json

import numpy as np
import pyarrow as pa
import pytest
from gensim.models import KeyedVectors

from seje import checkpoints, files, params, paths
from seje.errors import SejeError
from seje.stages import instructions
from seje.text.sentences import number
from seje.text.skip import Encoder, Sizes, encode

SECTION = params.Instructions(
    hidden=16, layers=1, vocabulary=50, max_words=8, epochs=2, batch=4, lr=0.01, seed=1
)
RECIPES = {
    "train": [["Heat the oil.", "Add the onion.", "Serve."], ["Mix.", "", "Bake the bread.", "Serve."]] * 3,
    "val": [["Heat the wok.", "Serve."], []],
    "test": [["???", "Serve."], ["Serve."]],
}
OUTPUTS = [
    paths.Instructions.ENCODER,
    paths.Instructions.ENCODER.with_suffix(".json"),
    paths.Instructions.VECTORS,
    paths.Instructions.OFFSETS,
    paths.metrics("instructions"),
]


def write_inputs(recipes):
    lines = [lines for part in recipes.values() for lines in part]
    partitions = [name for name, part in recipes.items() for _ in part]
    table = {"partition": partitions, "instructions": pa.array(lines, pa.list_(pa.string()))}
    files.write_table(paths.Corpus.RECIPES, pa.table(table))
    vectors = KeyedVectors(3)
    vectors.add_vectors(["oil", "bread"], np.eye(2, 3, dtype=np.float32))
    paths.Word2vec.VECTORS.parent.mkdir(parents=True)
    vectors.save_word2vec_format(str(paths.Word2vec.VECTORS), binary=True)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)


def test_every_instruction_has_its_vector():
    write_inputs(RECIPES)
    instructions.run(SECTION)
    lines = [line for part in RECIPES.values() for recipe in part for line in recipe]
    offsets, vectors = np.load(paths.Instructions.OFFSETS), np.load(paths.Instructions.VECTORS)
    assert offsets.dtype == np.int64 and vectors.dtype == np.float16
    assert np.diff(offsets).tolist() == [len(recipe) for part in RECIPES.values() for recipe in part]
    weights, config = files.read_weights(paths.Instructions.ENCODER, "instructions")
    encoder = Encoder(Sizes(**config["sizes"]))
    encoder.load_state_dict(weights)
    sentences = number(lines, config["vocabulary"], config["max_words"])
    expected = encode(encoder, sentences, np.arange(len(lines)), 5)
    assert np.abs(vectors - expected).max() < 1e-3
    assert not vectors[lines.index("")].any()
    served = vectors[[line == "Serve." for line in lines]]
    assert (served == served[0]).all()


def test_metrics():
    write_inputs(RECIPES)
    instructions.run(SECTION)
    measured = json.loads(paths.metrics("instructions").read_text())
    assert measured["sentences"] == 26 and measured["distinct_sentences"] == 8
    assert measured["vocabulary"] == 10
    # val: `serve .` after the first sentence, `</r>` after the last; no word of them is new
    assert measured["unknown_words"] == 0
    assert measured["perplexity"] > 1 and measured["unigram_perplexity"] > 1


class Killed(BaseException):
    pass


def test_a_killed_run_goes_on_and_ends_alike(monkeypatch):
    write_inputs(RECIPES)
    instructions.run(SECTION)
    whole = [path.read_bytes() for path in OUTPUTS]
    for path in OUTPUTS:
        path.unlink()
    save = checkpoints.save

    def save_and_die(path, state):
        save(path, state)
        raise Killed

    for survived in (1, 2):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(checkpoints, "save", save_and_die)
            instructions.run(SECTION)
        (checkpoint,) = paths.checkpoint("instructions", "").parent.iterdir()
        assert checkpoints.load(checkpoint)["epoch"] == survived
        assert not any(path.exists() for path in OUTPUTS)
    instructions.run(SECTION)
    assert whole == [path.read_bytes() for path in OUTPUTS]
    assert not checkpoint.exists()


def test_a_corpus_without_val_has_no_perplexity_of_it():
    write_inputs({"train": RECIPES["train"]})
    instructions.run(SECTION)
    measured = json.loads(paths.metrics("instructions").read_text())
    assert set(measured) == {"vocabulary", "sentences", "distinct_sentences", "train_perplexity"}


def test_no_words_in_train_is_said():
    write_inputs({"train": [["", "\u00a0"], []], "val": RECIPES["val"]})
    with pytest.raises(SejeError, match="corpus.source"):
        instructions.run(SECTION)
