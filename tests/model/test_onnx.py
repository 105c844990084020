"""The graphs against the model, on photos and recipes of its own kitchen; of 8 bits, against what is told."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from conftest import run_stages, small_params
from typer.testing import CliRunner

import seje
from seje.cli import app
from seje.errors import SejeError
from seje.model import int8, onnx
from seje.model.recipe_encoder import RecipeText
from seje.photos.store import Photos
from seje.workspace import files, paths

pytestmark = pytest.mark.slow
KINDS = ["small_pipeline", "deep_pipeline", "timm_pipeline", "onnx_pipeline"]


def invoke(*arguments):
    result = CliRunner().invoke(app, ["export", *map(str, arguments)])
    return result.exit_code, result.output


def texts(rows):
    return [RecipeText(row["title"], row["ingredients"], row["instructions"]) for row in rows]


@pytest.fixture(params=KINDS)
def pipeline(request, monkeypatch):
    monkeypatch.chdir(request.getfixturevalue(request.param))


def test_the_graphs_give_what_the_index_holds(pipeline, tmp_path):
    """Real photos and recipes, by the files alone: as a program without seje's towers would ask them."""
    model = seje.load(paths.Model.FOLDER)
    assert max(onnx.export(model, tmp_path).values()) < onnx.LARGEST
    store, rows = Photos(paths.Index.STORE), files.read_table(paths.Index.RECIPE_ITEMS, "index").to_pylist()
    inputs = {
        "image.onnx": onnx.squares_of(model, [store.jpeg(row) for row in range(len(store))]),
        "recipe.onnx": onnx.recipe_feed(model, texts(rows)),
    }
    said = json.loads((tmp_path / "export.json").read_text())
    for name, stored in (("image.onnx", paths.Index.PHOTOS), ("recipe.onnx", paths.Index.RECIPES)):
        session = onnxruntime.InferenceSession(tmp_path / name)
        (given,) = session.run(["embedding"], inputs[name])
        assert np.abs(given - files.read_array(stored, "index")).max() < 1e-3
        for place in session.get_inputs():
            told, array = said[name]["inputs"].pop(place.name), inputs[name][place.name]
            assert told["dtype"] == array.dtype and len(told["shape"]) == array.ndim
            fixed = [(size, own) for size, own in zip(told["shape"], array.shape, strict=True) if size != own]
            assert all(isinstance(size, str) for size, _ in fixed)
        assert not said[name]["inputs"]


def test_a_recipe_by_what_export_json_says(onnx_pipeline, monkeypatch, tmp_path):
    """Without a line of seje's own."""
    monkeypatch.chdir(onnx_pipeline)
    assert invoke(tmp_path)[0] == 0
    model = seje.load(paths.Model.FOLDER)
    said = json.loads((tmp_path / "export.json").read_text())
    names, words = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("vocabulary", "words"))
    inputs = said["recipe.onnx"]["inputs"]
    line = "Heat the oven, add the qwertz and 1/2 onion."
    tokens = re.compile(
        re.search(r"lower-case matches of (.*) \(of ASCII", inputs["instructions"]["what"])[1]
    )
    expression = re.compile(re.search(r"lower-case matches of (\S+) in", inputs["words"]["what"])[1])
    ids = [names.index(token) if token in names else 1 for token in tokens.findall(line.lower())] + [3]
    found = expression.findall(line.lower())
    text = RecipeText(instructions=[line])
    feed = {
        "terms": model.recipe_encoder.terms.features([text]),
        "instructions": np.array([[ids]]),
        "lengths": np.array([1]),
        "words": np.array([[found.count(word) for word in words]], np.float32),
    }
    (given,) = onnxruntime.InferenceSession(tmp_path / "recipe.onnx").run(None, feed)
    np.testing.assert_allclose(given, model.embed_recipes([text]), atol=1e-3)
    assert said["model"] == model.fingerprint


@pytest.mark.parametrize("side", ["image", "recipe"])
def test_a_graph_that_differs_is_not_kept(side, onnx_pipeline, monkeypatch, tmp_path):
    model, wrong = (seje.load(onnx_pipeline / paths.Model.FOLDER) for _ in range(2))
    tower = getattr(wrong.towers, side)
    torch.nn.init.normal_(tower.project[1].weight)
    monkeypatch.setattr(onnx, "_write_recipe", lambda _, *rest: write_recipe(wrong, *rest))
    monkeypatch.setattr(onnx, "_write_image", lambda _, *rest: write_image(wrong, *rest))
    with pytest.raises(SejeError, match=rf"{side}.onnx: .* from PyTorch, more than 1e-03"):
        onnx.export(model, tmp_path)
    assert not (tmp_path / f"{side}.onnx").exists() and not list(tmp_path.glob(".part*"))


write_recipe, write_image = onnx._write_recipe, onnx._write_image


@pytest.mark.parametrize("kind", ["small_pipeline", "onnx_pipeline"])
def test_the_loss_of_8_bits_is_told(kind, request, monkeypatch, tmp_path):
    folder = request.getfixturevalue(kind)
    model, index = folder / paths.Model.FOLDER, folder / paths.Index.FOLDER
    monkeypatch.chdir(tmp_path)  # no pipeline lies here
    code, output = invoke("out", "--int8", "--model", model, "--index", index)
    assert code == 0, output
    loaded, out = seje.load(model), Path("out")
    rows = files.read_table(folder / paths.Index.RECIPE_ITEMS, "index").to_pylist()
    chosen = [n for n, row in enumerate(rows) if row["partition"] == "test" and row["first"] is not None]
    photos = [rows[n]["first"] for n in chosen]
    store = Photos(folder / paths.Index.STORE)
    feeds = {
        "image": onnx.squares_of(loaded, [store.jpeg(photo) for photo in photos]),
        "recipe": onnx.recipe_feed(loaded, texts(rows[n] for n in chosen)),
    }
    whole = {
        "image": files.read_array(folder / paths.Index.PHOTOS, "index")[photos],
        "recipe": files.read_array(folder / paths.Index.RECIPES, "index")[chosen],
    }
    small = {}
    for side, feed in feeds.items():
        path = out / f"{side}.int8.onnx"
        (small[side],) = onnxruntime.InferenceSession(path).run(None, feed)
        cosine = np.mean([a @ b for a, b in zip(small[side], whole[side], strict=True)])
        assert cosine > 0.9
        line = next(line for line in output.splitlines() if line.startswith(str(path)))
        assert float(line.split()[-1]) == pytest.approx(cosine, abs=1e-3)
        assert f"{path.stat().st_size / 1e6:.1f} MB" in line
        assert path.stat().st_size < (out / f"{side}.onnx").stat().st_size
    last = output.splitlines()[-1]
    found = re.fullmatch(r"R@10 among (\d+) test pairs, mean of .*: (\S+) before, (\S+) in 8 bits", last)
    expected = [len(chosen), naive(whole), naive(small)]
    assert [float(number) for number in found.groups()] == pytest.approx(expected, abs=0.06)
    assert float(found[2]) == pytest.approx(naive(whole), abs=1e-4)
    assert not list(out.glob(".part*"))


def naive(vectors):
    """R@10 by sorting, mean of both directions."""
    cosines = vectors["image"] @ vectors["recipe"].T
    hits = []
    for table in (cosines, cosines.T):
        for row, found in enumerate(table):
            hits.append(row in np.argsort(-found, kind="stable")[:10])
    return np.mean(hits)


def test_an_index_without_other_partitions_cannot_tell_the_loss(small_pipeline, monkeypatch, tmp_path):
    import shutil

    shutil.copytree(small_pipeline, tmp_path / "small")
    (tmp_path / "small/params.yaml").write_text(
        small_params(ranking={"words": 16}, index={"partitions": ["train"]})
    )
    run_stages(tmp_path / "small", ["index"])
    monkeypatch.chdir(tmp_path / "small")
    code, output = invoke("out", "--int8")
    assert (code, len(output.splitlines())) == (2, 1)
    assert "needs pairs of test or val" in output and not Path("out").exists()


def test_what_cannot_be_is_told_in_one_line(small_pipeline, monkeypatch, tmp_path):
    model = small_pipeline / paths.Model.FOLDER
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    for arguments, told in [
        (("out",), "dvc repro"),
        (("out", "--model", "nowhere"), "no model: model.json is missing"),
        (("file", "--model", model), "file: is a file: give the name of a folder"),
        (("out", "--int8", "--model", model), "dvc repro"),
        (("out", "--int8", "--model", model, "--index", "nowhere"), "nowhere: no index"),
    ]:
        code, output = invoke(*arguments)
        assert (code, len(output.splitlines())) == (2, 1) and told in output
    for name in ("onnxscript", "onnx"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, name, None)  # what Python does where a package is not installed
            code, output = invoke("out", "--model", model)
        assert (code, len(output.splitlines())) == (2, 1) and "pip install 'seje[onnx]'" in output
    assert not Path("out").exists()


def test_names_of_8_bits():
    assert int8.quantised("image.onnx") == "image.int8.onnx"


def test_a_backbone_of_sentence_transformers_is_no_graph(clip_pipeline, monkeypatch, tmp_path):
    monkeypatch.chdir(clip_pipeline)
    code, said = invoke(tmp_path / "out")
    assert code == 2 and "a photo backbone of sentence-transformers is not written as ONNX" in said
    assert not (tmp_path / "out").exists()
