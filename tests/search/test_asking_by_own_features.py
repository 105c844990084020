"""A model that was trained on features of one's own: what it answers, and what it says to a photo."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import served
from typer.testing import CliRunner

import seje
from seje.cli import app
from seje.errors import SejeError
from seje.photos.store import Photos
from seje.search.opening import open_search
from seje.workspace import files, params, paths

pytestmark = pytest.mark.slow
NO_PHOTOS = "this model takes no photos, it was trained on features of your own (categories.features)"


@pytest.fixture
def pipeline(own_pipeline, monkeypatch):
    monkeypatch.chdir(own_pipeline)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def model(pipeline):
    return seje.load(paths.Model.FOLDER).load()


def given():
    return np.load(Path(params.load(Path("params.yaml")).categories.features) / "mine.npy")


def photo(folder):
    path = folder / "dinner.jpg"
    path.write_bytes(Photos(paths.Images.PHOTOS).jpeg(0))
    return path


def invoke(*arguments):
    result = CliRunner().invoke(app, [*map(str, arguments)])
    return result.exit_code, result.output


def test_features_asked_anew_get_the_stored_embedding(model):
    """Of val and test: the category of a train photo is told by a head that did not see it."""
    stored = files.read_array(paths.Index.PHOTOS, "index")
    unseen = Photos(paths.Images.PHOTOS).partitions != "train"
    np.testing.assert_allclose(model.embed_features(given()[unseen]), stored[unseen], atol=1e-4)
    one = model.embed_features(given()[:3, 0])  # one view of each
    assert one.shape == (3, model.dimensions)


def test_words_are_answered_and_a_photo_by_its_features(pipeline, tmp_path):
    assert invoke("search", "tomato soup", "--json")[0] == 0
    np.save(tmp_path / "dinner.npy", given()[7])
    code, said = invoke("search", tmp_path / "dinner.npy", "--for", "photos", "--json", "-k", "1")
    assert code == 0
    assert json.loads(said)["hits"][0]["photo"] == Photos(paths.Images.PHOTOS).photos[7]
    code, said = invoke("search", "--plus", tmp_path / "dinner.npy", "--minus", "tomato", "--json")
    assert code == 0 and len(json.loads(said)["hits"]) == 10


def test_a_photo_is_refused_by_every_command(pipeline, tmp_path):
    photo(tmp_path)
    for arguments in (
        ("search", tmp_path / "dinner.jpg"),
        ("embed", tmp_path, "-o", tmp_path / "out.npy"),
        ("export", tmp_path / "onnx"),
    ):
        code, said = invoke(*arguments)
        assert code == 2 and NO_PHOTOS in said and "ask with their .npy" in said, arguments
    assert {path.name for path in tmp_path.iterdir()} == {"dinner.jpg"}


def test_recipes_are_embedded_and_indexed(pipeline, tmp_path):
    (tmp_path / "mine.jsonl").write_text('{"title": "tomato soup"}\n')
    assert invoke("embed", tmp_path / "mine.jsonl", "-o", tmp_path / "out.npy")[0] == 0
    index = seje.Index.build(seje.load(paths.Model.FOLDER), recipes=["tomato soup", "salad"])
    assert index.search("soup")[0]["title"] == "tomato soup"


def test_a_server_answers_words_and_says_what_to_do_with_a_photo(pipeline, tmp_path):
    import httpx

    from seje.web.app import create

    search = open_search(None, None)
    search.model.load()
    with served(create(search, None, ["127.0.0.1"])) as address:
        refused = httpx.post(f"{address}/search/photo", content=photo(tmp_path).read_bytes())
        assert refused.status_code == 422 and NO_PHOTOS in refused.json()["detail"]
        assert httpx.post(f"{address}/search/text", json={"title": "tomato soup"}).status_code == 200


def test_features_that_are_not_of_this_model_are_refused(model, small_pipeline, tmp_path):
    with pytest.raises(SejeError, match="a photo has 75 features for this model, not 3"):
        model.embed_features(np.zeros((1, 3)))
    with pytest.raises(SejeError, match="this model takes photos, not features of your own: give a photo"):
        seje.load(small_pipeline / paths.Model.FOLDER).embed_features(np.zeros((1, 3)))
