"""Who is answered "not sure": a bank by itself, a model's against a naive loop, and a model without one."""

import json
import shutil

import numpy as np
import pytest

import seje
from seje.model.bank import Bank
from seje.model.folder import FACTS, Folder, facts
from seje.model.novelty import FEWEST, LEVEL
from seje.model.recipe_encoder import RecipeText
from seje.photos.store import Photos
from seje.workspace import artefacts, files, paths

MANY = np.linspace(0.4, 0.8, 99, dtype=np.float32)
PHOTOS, RECIPES = np.tile([1.0, 0.0], (12, 1)), np.array([[1.0, 0.0]])
BANK = Bank(PHOTOS, RECIPES, MANY, MANY)


def doubt(bank, angle):
    """Judge a photo so many degrees from all of the bank."""
    feature = np.array([[np.cos(np.radians(angle)), np.sin(np.radians(angle))]])
    return bank.of_photos(feature[:, None])[0]


def test_a_photo_far_from_all_is_in_doubt():
    assert doubt(BANK, 0) is None and doubt(BANK, 60) is None
    assert doubt(BANK, 90) == (
        True,
        1.0,
        "not sure: the model learnt from nothing like this photo; 100% of unseen photos come closer",
    )


def test_views_are_judged_together():
    both = np.array([[[1.0, 0.0], [-0.2, 1.0]], [[1.0, 0.0], [0.2, 0.0]]])
    assert [found is None for found in BANK.of_photos(both)] == [doubt(BANK, 51.3) is None, True]


def test_words_that_are_not_known_count():
    vector = np.array([0.6, 0.8])
    assert BANK.of_text(vector, 1) is None
    assert BANK.of_text(vector, 0.5).reason == (
        "not sure: the model learnt from nothing like these words; 100% of unseen titles come closer"
    )


def test_of_too_few_nothing_is_told():
    few, none = MANY[: FEWEST - 1], np.zeros((0, 2))
    for bank in (Bank(PHOTOS, RECIPES, few, few), Bank(none, none, MANY, MANY)):
        for found in (doubt(bank, 90), doubt(bank, 0), bank.of_text(RECIPES[0], 1)):
            assert (found.calibrated, found.nearer) == (False, None)
            assert found.reason.startswith("not calibrated: ")


@pytest.fixture
def pipeline(small_pipeline, monkeypatch):
    monkeypatch.chdir(small_pipeline)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["small_pipeline", "deep_pipeline"])
def test_the_stage_asks_with_what_val_holds(which, request, monkeypatch):
    """Scores of the part `bank`, from the raw text and the stored vectors, by loops."""
    monkeypatch.chdir(request.getfixturevalue(which))
    weights, config = Folder(paths.Model.FOLDER).read("bank")
    model, photos = seje.load(paths.Model.FOLDER), artefacts.joint_photos()
    train, val = (artefacts.partition_pairs(photos, name) for name in ("train", "val"))
    assert config == {"train": len(train), "val": len(val)}
    recipes = files.read_array(paths.Index.RECIPES, "index")[train.recipes]
    titles = files.read_table(paths.Corpus.RECIPES, "corpus")["title"].to_pylist()
    for score, row in zip(weights["val_titles"].tolist(), val.recipes, strict=True):
        known, unknown, _ = model.words(RecipeText(titles[row]))
        (vector,) = model.embed_recipes([titles[row]])
        nearest = max(float(vector @ recipe) for recipe in recipes)
        assert score == pytest.approx(nearest * len(known) / (len(known) + len(unknown)), abs=2e-3)
    means = [photos.pixels[row].astype(float).mean(0) for row in range(len(photos.pixels))]
    units = [mean / np.sqrt(sum(mean**2)) for mean in means]
    for score, row in zip(weights["val_photos"].tolist(), val.first, strict=True):
        cosines = [units[row] @ units[other] for other in train.first]
        assert score == pytest.approx(sorted(cosines)[-10], abs=2e-3)


@pytest.mark.slow
def test_of_the_test_partition_few_are_in_doubt(pipeline):
    """It was never asked before; the level, and as much again for what so few can tell."""
    model, photos = seje.load(paths.Model.FOLDER), artefacts.joint_photos()
    test = artefacts.partition_pairs(photos, "test")
    store = Photos(paths.Images.PHOTOS)
    asked = model.ask_photos([store.jpeg(int(row)) for row in test.first])
    doubts = [one.doubt for one in asked if one.doubt]
    assert len(test) > 10 and len(doubts) / len(test) <= 2 * LEVEL + 1 / len(test)
    np.testing.assert_allclose(
        [one.vector for one in asked],
        model.embed_shrunk([store.jpeg(int(row)) for row in test.first]),
        atol=1e-6,
    )


@pytest.mark.slow
def test_a_model_without_a_bank_says_so(pipeline, tmp_path):
    """As one was made before there were banks: what it finds it still finds."""
    shutil.copytree(paths.Model.FOLDER, tmp_path / "model")
    for ending in ("json", "safetensors"):
        (tmp_path / f"model/bank.{ending}").unlink()
    said = json.loads((tmp_path / "model" / FACTS).read_text())
    (tmp_path / "model" / FACTS).write_text(
        json.dumps(facts(tmp_path / "model", said["seje"], said["about"]))
    )
    model = seje.load(tmp_path / "model")
    hits = seje.Index.build(model, recipes=["Tomato soup", "Cake"]).search("tomato soup")
    assert hits[0]["title"] == "Tomato soup" and hits.unknown == []
    assert [one.reason for one in hits.doubts] == [
        "not calibrated: this model cannot tell whether it knows such words"
    ]
