"""`seje evaluate`: on the pipeline's own corpus what the stage measured; any other one, also a broken one."""

import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import seje
from seje.cli import app
from seje.data.recipe_views import ASKED
from seje.report.rows import RECIPE_PARTS as CALLED
from seje.retrieval.ranks import ranks

pytestmark = pytest.mark.slow
WAYS = ("image_to_recipe", "recipe_to_image")


def invoke(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["evaluate", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A working directory that knows no pipeline."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


@pytest.fixture
def model(small_pipeline):
    return small_pipeline / "pipeline/model"


@pytest.fixture
def few(small_pipeline, tmp_path):
    """Six recipes of the kitchen: two good, two with bad photos, one without any, one that is no recipe."""
    kitchen, folder = small_pipeline / "pipeline/kitchen/recipe1m", tmp_path / "few"
    rows = pq.read_table(small_pipeline / "pipeline/corpus/recipes.parquet").to_pylist()
    stored = pq.read_table(small_pipeline / "pipeline/evaluation/ranks.parquet")["id"].to_pylist()
    chosen = [row for row in rows if row["id"] in set(stored)][:6]
    layer1 = {row["id"]: row for row in json.loads((kitchen / "layer1.json").read_text())}
    records = [dict(layer1[row["id"]]) for row in chosen]
    records[5]["title"] = ""
    names = [["a.jpg"], ["broken.jpg", "b.jpg", "never.jpg"], ["gone.jpg"], ["broken.jpg"], [], ["a.jpg"]]
    folder.mkdir()
    layer2 = [
        {"id": row["id"], "images": [{"id": name} for name in of]}
        for row, of in zip(chosen, names, strict=True)
    ]
    (folder / "layer1.json").write_text(json.dumps(records))
    (folder / "layer2.json").write_text(json.dumps(layer2))
    (folder / "images").mkdir()
    (folder / "images/broken.jpg").write_text("no photo")
    for row, name in zip(chosen, ("a.jpg", "b.jpg"), strict=False):
        (found,) = (kitchen / "images").rglob(row["photos"][0])
        shutil.copy(found, folder / "images" / name)
    return folder


@pytest.mark.parametrize("pipeline", ["small_pipeline", "deep_pipeline"])
def test_on_the_corpus_of_the_pipeline_it_is_what_the_stage_measured(pipeline, request, elsewhere):
    made = request.getfixturevalue(pipeline)
    expected = json.loads((made / "metrics/evaluation.json").read_text())
    places = made / "pipeline/model", made / "pipeline/kitchen/recipe1m"
    options = ("--partition", "test", "--pools", "10,1000", "--save", "ranks.parquet")
    code, output, _ = invoke(*places, *options, "--json")
    found = json.loads(output)
    assert code == 0 and found["pools"] == expected["pools"]
    for name in found["pools"]:
        for way in WAYS:
            assert found[name][way] == pytest.approx(expected[name][way], abs=1e-6)
            for measure, spread in found["spread"][name][way].items():
                assert spread == pytest.approx(expected["spread"][name][way][measure], abs=1e-6)
    stage = pq.read_table(made / "pipeline/evaluation/ranks.parquet")
    saved = pq.read_table("ranks.parquet")
    assert saved.schema.equals(stage.schema)
    assert saved.to_pylist() == [row for row in stage.to_pylist() if row["partition"] == "test"]
    rejected = json.loads((made / "metrics/corpus.json").read_text())["rejected"]["reasons"]
    assert found["collection"]["records_set_aside"]["layer1"] == rejected


def test_photos_and_records_that_cannot_be_used_are_counted_and_told(few, model, elsewhere):
    code, output, told = invoke(model, few, "--save", "ranks.parquet")
    assert code == 0 and "Retrieval among 2 pairs" in output and "chance" in output
    assert "set aside of layer1: 1 no title" in told and "set aside of layer2: 1 its recipe is set as" in told
    assert "photos that cannot be used: 1 missing, 2 not an image" in told
    assert "2 of 5 recipes have a photo that can be used" in told
    ids = [row["id"] for row in json.loads((few / "layer1.json").read_text())]
    saved = pq.read_table("ranks.parquet").to_pydict()
    assert saved["id"] == ids[:2] and saved["partition"] == ["all", "all"]


def test_the_model_told_less_is_ranked_as_by_hand(few, model, elsewhere):
    found = json.loads(invoke(model, few, "--json")[1])
    opened = seje.load(model)
    photos = opened.embed_photos([few / "images/a.jpg", few / "images/b.jpg"])
    records = json.loads((few / "layer1.json").read_text())[:2]
    kept = {
        "title": ["title"],
        "ingredients": ["ingredients"],
        "instructions": ["instructions"],
        "no_instructions": ["title", "ingredients"],
    }
    assert set(found["recipe_parts"]) == set(kept) == set(ASKED) == set(CALLED)
    for name, parts in kept.items():
        less = [{part: record[part] for part in parts} for record in records]
        expected = ranks(photos, opened.embed_recipes(less))
        for way, rank in zip(WAYS, expected, strict=True):
            assert found["recipe_parts"][name]["all"][way]["MedR"] == np.median(rank)
    assert found["model"] == opened.fingerprint


def test_mixed_sources_have_rows_and_long_recipes_may_be_set_aside(small_pipeline, model, elsewhere):
    folder = elsewhere / "mixed"
    folder.mkdir()
    kitchen = small_pipeline / "pipeline/kitchen/recipe1m"
    records = json.loads((kitchen / "layer1.json").read_text())
    for row, record in enumerate(records):
        if isinstance(record, dict):
            record["source"] = f"{'abc'[row % 3]}.org"
    (folder / "layer1.json").write_text(json.dumps(records))
    (folder / "layer2.json").symlink_to(kitchen / "layer2.json")
    (folder / "images").symlink_to(kitchen / "images")
    found = json.loads(invoke(model, folder, "--partition", "val", "--max-ingredients", "8", "--json")[1])
    assert found["within_source"]["sources"] == 3
    assert found["baselines"]["source"]["all"]["MedR"] < found["baselines"]["chance"]["all"]["MedR"]
    aside = found["collection"]["records_set_aside"]["layer1"]
    assert aside["more ingredients than corpus.max_ingredients"] > 0
    assert found["collection"]["partition"] == "val"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--partition", "val", "--pools", "0"], "give sizes from 1 on"),
        (["--save", "ranks.csv"], "ends in .parquet"),
        (["--save", "none/ranks.parquet"], "No such file or directory"),
    ],
)
def test_a_wrong_option_is_told_before_the_work(few, model, elsewhere, options, told, monkeypatch):
    monkeypatch.setattr("seje.results.evaluate.run", None)  # there is no work
    code, _, error = invoke(model, few, *options)
    assert code == 2 and told in error and len(error.splitlines()) == 1


def test_a_folder_that_is_no_collection_is_told_at_once(few, model, elsewhere, monkeypatch):
    monkeypatch.setattr("seje.model.parts.photo_encoder", None)  # no part of the model is read
    for folder, told in (
        (elsewhere, "layer1.json is missing"),
        (elsewhere / "none", "layer1.json is missing"),
    ):
        code, _, error = invoke(model, folder)
        assert code == 2 and told in error and len(error.splitlines()) == 1
    code, _, error = invoke(few, few)
    assert code == 2 and "no model" in error and len(error.splitlines()) == 1


def test_fewer_than_two_pairs_are_told_with_the_reasons(few, model, elsewhere):
    (few / "images/a.jpg").unlink()
    code, _, error = invoke(model, few)
    last = error.splitlines()[-1]
    assert code == 2 and "1 have one (2 missing, 2 not an image)" in last and "1 no title" in last
    (few / "layer1.json").write_text("[]")
    code, _, error = invoke(model, few)
    assert code == 2 and "of 0 good ones, 0 have one" in error.splitlines()[-1]
