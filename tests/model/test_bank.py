"""Who is answered "not sure": a bank by itself, a model's against a naive loop, and a model without one."""

import json
import shutil

import numpy as np
import pytest

import seje
from seje.model.bank import PHOTO, Bank, cut, kind
from seje.model.folder import FACTS, Folder, facts
from seje.model.novelty import FEWEST, LEVEL
from seje.model.recipe_encoder import RecipeText
from seje.photos.store import Photos
from seje.workspace import artefacts, files, paths

WHOLE = RecipeText("Soup", ["1 onion"], ["Stir."])
MANY = np.linspace(0.4, 0.8, 99, dtype=np.float32)


def doubt(bank, angle):
    """Judge a photo so many degrees from all of the bank."""
    feature = np.array([[np.cos(np.radians(angle)), np.sin(np.radians(angle))]])
    return bank.of_photos(feature[:, None])[0]


def bank_of(**held_out):
    return Bank(np.tile([1.0, 0.0], (12, 1)), np.array([[1.0, 0.0]]), held_out)


def test_a_photo_far_from_all_is_in_doubt():
    bank = bank_of(photo=MANY)
    assert doubt(bank, 0) is None and doubt(bank, 60) is None
    far = doubt(bank, 90)
    assert (
        far.calibrated
        and far.nearer == 1
        and far.reason
        == ("not sure: the model learnt from nothing like this photo; of unseen ones 100% come closer")
    )


def test_views_are_judged_together():
    half = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    assert bank_of(photo=MANY).of_photos(half) == [doubt(bank_of(photo=MANY), 45)]


def test_words_that_are_not_known_count():
    bank = bank_of(title=MANY)
    asked, vector = RecipeText("Soup"), np.array([0.6, 0.8])
    assert bank.of_recipe(asked, vector, 1) is None
    assert bank.of_recipe(asked, vector, 0.5).calibrated


@pytest.mark.parametrize("held_out", [{}, {PHOTO: MANY[: FEWEST - 1]}])
def test_of_too_few_nothing_is_told(held_out):
    found = doubt(bank_of(**held_out), 90)
    assert (found.calibrated, found.nearer) == (False, None) and found.reason.startswith("not calibrated: ")
    assert not doubt(Bank(np.zeros((0, 2)), np.zeros((0, 2)), {PHOTO: MANY}), 0).calibrated


def test_a_recipe_is_cut_to_each_choice_of_its_parts():
    kinds = [kind(asked) for asked in cut(WHOLE)]
    assert len(set(kinds)) == len(kinds) == 7 and kinds[-1] == "recipe"
    assert {"title", "ingredients", "title and ingredients", "ingredients and instructions"} < set(kinds)
    assert list(cut(RecipeText("Soup"))) == [RecipeText("Soup")] and list(cut(RecipeText())) == []


@pytest.fixture
def pipeline(small_pipeline, monkeypatch):
    monkeypatch.chdir(small_pipeline)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["small_pipeline", "deep_pipeline"])
def test_the_stage_asks_with_what_val_holds(which, request, monkeypatch):
    """Scores of the part `bank`, from the raw text and the stored vectors, by loops."""
    monkeypatch.chdir(request.getfixturevalue(which))
    weights, config = Folder(paths.Model.FOLDER).read("bank")
    stored = {name: weights[f"held_out.{place}"].tolist() for place, name in enumerate(config["kinds"])}
    model, photos = seje.load(paths.Model.FOLDER), artefacts.joint_photos()
    train, val = (artefacts.partition_pairs(photos, name) for name in ("train", "val"))
    recipes = files.read_array(paths.Index.RECIPES, "index")[train.recipes]
    rows = files.read_table(paths.Corpus.RECIPES, "corpus").to_pylist()
    for name in ("title", "ingredients and instructions"):
        for score, row in zip(stored[name], val.recipes, strict=True):
            asked = RecipeText(**{part: rows[row][part] for part in name.split(" and ")})
            known, unknown = model.words(asked)
            nearest = max(float(model.embed_recipes([asked])[0] @ recipe) for recipe in recipes)
            assert score == pytest.approx(nearest * len(known) / (len(known) + len(unknown)), abs=2e-3)
    means = [photos.pixels[row].astype(float).mean(0) for row in range(len(photos.pixels))]
    for score, row in zip(stored[PHOTO], val.first, strict=True):
        cosines = [
            means[row] @ means[other] / np.linalg.norm(means[row]) / np.linalg.norm(means[other])
            for other in train.first
        ]
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
        "not calibrated: this model cannot tell whether it knows such a title"
    ]
