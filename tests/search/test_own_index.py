"""`seje.Index`: a collection of one's own finds what the pipeline's index finds, and keeps nothing back."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image
from typer.testing import CliRunner

import seje
from seje.cli import app
from seje.errors import SejeError
from seje.model.recipe_encoder import RecipeText
from seje.photos.store import Photos
from seje.search.own_index import Index
from seje.workspace import files, paths

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(small_pipeline):
    return seje.load(small_pipeline / "pipeline/model")


@pytest.fixture(scope="module")
def photos(small_pipeline):
    store = Photos(small_pipeline / paths.Index.STORE)
    places = {path.name: path for path in (small_pipeline / paths.Kitchen.FOLDER).rglob("images/**/*.jpg")}
    return {str(name): places[str(name)] for name in store.photos}


@pytest.fixture(scope="module")
def recipes(small_pipeline, photos):
    rows = files.read_table(small_pipeline / paths.Corpus.RECIPES, "corpus").to_pylist()
    keys = ("id", "title", "ingredients", "instructions")
    return [
        {key: row[key] for key in keys} | {"photos": [name for name in row["photos"] if name in photos]}
        for row in rows
    ]


@pytest.fixture(scope="module")
def own(model, photos, recipes):
    return Index.build(model, photos=photos, recipes=recipes, show_progress=True)


def test_it_finds_what_the_pipelines_index_finds(own, search, photos, recipes):
    assert own.left_out == [] and own.sizes() == search.sizes()
    vectors = files.read_array(paths.Index.PHOTOS, "index")
    for row in (0, 5, len(vectors) - 1):
        for side in ("recipes", "photos"):
            here, there = own.find(vectors[row], side, 5), search.find(vectors[row], side, 5)
            scores = [[hit["score"] for hit in hits] for hits in (here, there)]
            assert scores[0] == pytest.approx(scores[1], abs=2e-3)  # of float16
    for recipe in recipes[:9]:
        (vector,) = own.model.embed_recipes([recipe])
        here, there = own.search(recipe, 1, "recipes")[0], search.find(vector, "recipes", 1)[0]
        assert [here[key] for key in ("id", "title", "photo")] == [
            there[key] for key in ("id", "title", "photo")
        ]
        here, there = own.recipe(recipe["id"]), search.recipe(recipe["id"])
        assert here["photos"] == there["photos"] == recipe["photos"]
        assert sorted(here["terms"]) == sorted(there["terms"])  # those of equal weight may change places
    name = next(iter(photos))
    assert own.photo(name) == search.photo(name)


def test_anything_that_the_model_embeds_can_be_asked(own, photos):
    name, path = next(iter(photos.items()))
    data = path.read_bytes()
    for photo in (path, str(path), data, Image.open(path), np.asarray(Image.open(path).convert("RGB"))):
        assert own.search(photo, 1, "photos")[0]["photo"] == name
        assert own.search(photo) == own.search(path, 10, "recipes")
    for text in ("tomato soup", {"title": "tomato soup"}, RecipeText("tomato soup")):
        assert own.search(text, 3) == own.search("tomato soup", 3, "photos")
    with pytest.raises(SejeError, match="no word of 'asdfghjkl' is known"):
        own.search("asdfghjkl")
    with pytest.raises(SejeError, match="this photo cannot be used: not an image"):
        own.search(b"no photo")
    with pytest.raises(SejeError, match="nope.jpg: no such photo"):
        own.search("nope.jpg")


def test_saved_and_loaded_it_finds_the_same(own, model, tmp_path, deep_pipeline):
    for _ in range(2):  # an older one is replaced
        own.save(tmp_path / "own")
    again = Index.load(tmp_path / "own", model)
    for side in ("recipes", "photos"):
        assert again.search("tomato soup", 7, side) == own.search("tomato soup", 7, side)
    again.save(tmp_path / "own")
    assert again.search("salad") == own.search("salad")
    with pytest.raises(SejeError, match="was made by the model"):
        Index.load(tmp_path / "own", seje.load(deep_pipeline / "pipeline/model"))
    with pytest.raises(SejeError, match="no index: index.json is missing"):
        Index.load(tmp_path, model)


def test_other_files_are_not_overwritten(own, tmp_path):
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(SejeError, match="holds more than an index"):
        own.save(tmp_path)
    assert (tmp_path / "diary.txt").read_text() == "mine"


def test_the_command_and_the_server_take_it(own, small_pipeline, tmp_path, monkeypatch):
    from fastapi.testclient import TestClient

    from seje.web.app import create

    own.save(tmp_path / "own")
    shutil.copytree(small_pipeline / "pipeline/model", tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    asked = ["search", "tomato soup", "--model", "model", "--index", "own", "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert [hit["photo"] for hit in json.loads(done.stdout)["hits"]] == [
        hit["photo"] for hit in own.search("tomato soup")
    ]
    with TestClient(create(own, None, ["*"])) as client:
        hits = client.post("/search/text", json={"title": "tomato soup"}).json()
        first = own.search("tomato soup", 1, "recipes")[0]
        assert hits["recipes"][0] == first | {"score": pytest.approx(first["score"], abs=1e-5)}


def test_photos_alone_by_their_paths_and_what_is_no_photo(model, photos, tmp_path):
    from fastapi.testclient import TestClient

    from seje.web.app import create

    path, other = list(photos.values())[:2]
    (tmp_path / "broken.jpg").write_bytes(path.read_bytes()[:-400])
    cut = Image.open(tmp_path / "broken.jpg")
    index = seje.Index.build(
        model, [str(path), other.read_bytes(), path, tmp_path / "broken.jpg", "no.jpg", cut]
    )
    told = {one.name: one.reason for one in index.left_out}
    assert told.keys() == {str(path), str(tmp_path / "broken.jpg"), "no.jpg", "5"}
    assert told[str(path)] == "its name came before" and told["no.jpg"] == "missing"
    assert index.sizes() == {"recipes": 0, "photos": 2}
    hits = index.search(path)
    assert [hit["photo"] for hit in hits] == [str(path), "1"] and hits[0]["id"] is None
    assert len(index.search("tomato soup")) == 2 and index.search("tomato soup", side="recipes") == []
    with TestClient(create(index, None, ["*"])) as client:
        found = client.post("/search/text", json={"title": "tomato soup"}).json()
        assert found["recipes"] == [] and {hit["photo"] for hit in found["photos"]} == {str(path), "1"}
        name = str(path).replace("/", "%2F")
        assert client.get(f"/photos/{name}").content == index.photo(str(path))
        samples = client.get("/samples").json()
        assert len(samples["photos"]) == 2 and samples["questions"] == []


def test_recipes_alone_and_what_is_no_recipe(model, photos):
    given = ["Tomato soup", {"title": ""}, {"x": 1}, {"id": 0, "title": "Salad"}, RecipeText("Cake")]
    index = Index.build(model, recipes=given)
    assert [tuple(one) for one in index.left_out] == [
        ("1", "holds no text"),
        ("2", "needs an object with a title, ingredients or instructions"),
        ("0", "its name came before"),
    ]
    assert [hit["title"] for hit in index.search("tomato soup", 1)] == ["Tomato soup"]
    named = Index.build(
        model,
        recipes={
            "soup": "Tomato soup",
            "cake": {"title": "Cake", "photos": ["a.jpg"], "url": "https://a.org/cake"},
        },
    )
    assert {hit["id"] for hit in named.search(next(iter(photos.values())))} == {"soup", "cake"}
    assert named.recipe("cake")["url"] == "https://a.org/cake" and named.recipe("soup")["url"] is None
    assert named.left_out == [("a.jpg", "no such photo to go with the recipe cake")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "nothing to index"),
        ({"photos": ["no.jpg"]}, "nothing to index: of what was given 1 cannot be used; no.jpg: missing"),
        ({"photos": "folder"}, "give a list of photos"),
        ({"photos": Path("a.jpg")}, "give a list of photos"),
        ({"recipes": "Tomato soup"}, "give a list of recipes"),
        ({"recipes": {"title": "Soup", "ingredients": ["1 onion"]}}, "give a list of recipes"),
    ],
)
def test_what_is_no_collection_is_told(model, given, told):
    with pytest.raises(SejeError, match=told):
        Index.build(model, **given)


def test_the_package_imports_what_it_needs_when_it_is_needed():
    code = "import sys, seje; print({'numpy', 'torch', 'faiss'} & sys.modules.keys(), seje.Index.__name__)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout == "set() Index\n", done.stderr
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = seje.nothing


def test_what_is_like_nothing_learnt_is_found_with_a_doubt(own, photos, chessboard):
    """The bank is the model's, not the collection's."""
    hits = own.search(Image.open(chessboard), 2)
    assert len(hits) == 2 and [doubt.calibrated for doubt in hits.doubts] == [True]
    assert own.search("tomato soup").doubts == [] == own.search(next(iter(photos.values()))).doubts
    assert own.search("tomato zzyzx qwertz asdfgh").unknown == ["zzyzx", "qwertz", "asdfgh"]
