"""The documented Python API: a model that is saved and loaded embeds as before."""

import json
import shutil

import numpy as np
import pytest
import torch

import seje
from seje.errors import SejeError
from seje.towers.features import PhotoBatch, RecipeBatch
from seje.towers.joint_model import JointModel, ModelSizes
from seje.workspace import artefacts, files, paths

SIZES = ModelSizes(
    terms=8, sentence=6, words=5, pixels=10, labels=8, linear=3, recipe="lstm", recurrent=12, embedding=16,
    categories=3, dropout=0.5, drop=0.5,
)  # fmt: skip


@pytest.mark.parametrize("given", [".", "model.safetensors"])
def test_saved_and_loaded_gives_the_same_embeddings(tmp_path, given):
    torch.manual_seed(0)
    model = JointModel(SIZES).eval()
    assert model.linear
    model.linear.recipe_axes.normal_()
    model.linear.image_axes.normal_()
    files.write_weights(
        tmp_path / "model.safetensors", model.state_dict(), {"format": 1, "sizes": model.config()}
    )
    loaded = seje.load(str(tmp_path / given))
    recipes = RecipeBatch(
        torch.randn(4, 8), torch.randn(4, 3, 6), torch.tensor([3, 1, 2, 3]), torch.randn(4, 5)
    )
    photos = PhotoBatch(torch.randn(4, 10), torch.randn(4, 8))
    for name, batch in (("embed_recipes", recipes), ("embed_images", photos)):
        before, after = (getattr(one, name)(batch) for one in (model, loaded))
        assert after.shape == (4, 16 + 3) and torch.equal(before, after)


@pytest.mark.parametrize("missing", ["model.safetensors", "model.json"])
def test_a_missing_file_is_one_line(tmp_path, missing):
    files.write_weights(tmp_path / "model.safetensors", {"w": torch.zeros(1)}, {"format": 1, "sizes": {}})
    (tmp_path / missing).unlink()
    with pytest.raises(SejeError) as error:
        seje.load(tmp_path)
    assert (
        missing in str(error.value) and "dvc repro joint" in str(error.value) and "\n" not in str(error.value)
    )


@pytest.mark.parametrize("config", [{"format": 2}, {"format": "1"}, {}, [], None])
def test_a_model_of_another_format_is_refused(tmp_path, config):
    files.write_weights(tmp_path / "model.safetensors", {"w": torch.zeros(1)}, config)
    with pytest.raises(SejeError, match=r"the model's format is .*, this seje reads 1: ") as error:
        seje.load(tmp_path)
    assert "model.json: " in str(error.value) and "\n" not in str(error.value)


@pytest.mark.slow
def test_the_pipelines_model_gives_the_stored_embeddings(small_pipeline, tmp_path, monkeypatch):
    monkeypatch.chdir(small_pipeline)
    shutil.copytree(paths.Joint.MODEL.parent, tmp_path / "joint")
    model, recipes = seje.load(tmp_path / "joint"), artefacts.recipe_features("lstm")
    rows = files.read_table(paths.Index.RECIPE_ITEMS, "index")["row"].to_numpy()
    with torch.no_grad():
        embedded = model.embed_recipes(recipes.batch(rows)).numpy()
    np.testing.assert_allclose(embedded, files.read_array(paths.Index.RECIPES, "index"), atol=1e-4)
    told = json.loads((tmp_path / "joint/model.json").read_text())
    assert len(told["categories"]) == told["sizes"]["categories"] and told["categories"][0] == "background"
    assert (told["format"], told["pixels"]) == (1, "cached")
    assert told["versions"]["torch"] == torch.__version__ and len(told["vocabulary"]) == 16


@pytest.mark.slow
def test_a_model_of_other_key_terms_is_refused(small_pipeline, tmp_path, monkeypatch):
    for folder in ("joint", "ranking"):
        shutil.copytree(small_pipeline / "pipeline" / folder, tmp_path / "pipeline" / folder)
    monkeypatch.chdir(tmp_path)
    assert (
        artefacts.joint_model().config()
        == json.loads(paths.Joint.MODEL.with_suffix(".json").read_text())["sizes"]
    )
    table = files.read_table(paths.Ranking.IDF, "ranking")
    files.write_table(paths.Ranking.IDF, table.slice(1))
    with pytest.raises(SejeError, match="trained on other key terms .* run dvc repro"):
        artefacts.joint_model()
