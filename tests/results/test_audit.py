import json

import pyarrow.parquet as pq
import pytest
from conftest import run_stages, small_params
from typer.testing import CliRunner

from seje.cli import app

KITCHEN = {"recipes": 150, "broken": 0.3, "pixels": 64, "labelled_train": 1}


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory):
    """A kitchen with four leaks: a copied recipe twice, a copied photo, and a photo that is listed twice."""
    folder = tmp_path_factory.mktemp("audit")
    (folder / "params.yaml").write_text(small_params(kitchen=KITCHEN, images={"size": 56}))
    run_stages(folder, ["kitchen", "corpus", "images"])
    return folder


def test_it_finds_what_the_kitchen_planted_and_nothing_else(kitchen, monkeypatch):
    monkeypatch.chdir(kitchen)
    planted = json.loads((kitchen / "pipeline/kitchen/planted.json").read_text())
    assert [planted[kind] for kind in ("copied recipe", "copied photo", "photo listed twice")] == [2, 1, 1]
    found = json.loads(invoke("audit", "--json"))
    counts = found["counts"]
    assert counts["recipes_nearly_the_same"]["groups"] == len(found["recipes"]) == 2
    assert counts["photos_that_look_the_same"]["groups"] == len(found["photos"]) == 2
    assert counts["photos_used_twice"] == 1
    for group in found["recipes"] + found["photos"]:
        assert len(group) == 2 and group[0]["partition"] != group[1]["partition"]
    (shared,) = found["shared_photos"]
    assert {one["recipe"] for group in found["photos"] for one in group} >= set(shared["recipes"])
    assert counts["mislabelled"]["recipes"] == planted["unknown partition"]
    assert counts["recipes_without_photo"]["all"] > 0


def test_the_metrics_tell_the_same(kitchen, monkeypatch):
    monkeypatch.chdir(kitchen)
    counts = json.loads(invoke("audit", "--json"))["counts"]
    corpus, images = (
        json.loads((kitchen / f"metrics/{name}.json").read_text()) for name in ("corpus", "images")
    )
    assert corpus["near_duplicates"] == counts["recipes_nearly_the_same"]
    assert corpus["photos_used_twice"] == 1
    assert images["look_alikes"] == counts["photos_that_look_the_same"]


def test_a_table_for_people(kitchen, monkeypatch):
    monkeypatch.chdir(kitchen)
    output = invoke("audit")
    assert "recipes nearly the same" in output and "photos in another folder" in output
    assert "Recipes in more than one partition: 2 groups" in output


def test_a_photo_in_the_wrong_folder_is_told(kitchen, monkeypatch, tmp_path):
    monkeypatch.chdir(kitchen)
    before = json.loads(invoke("audit", "--json"))["counts"]["mislabelled"]["photos_in_another_folder"]
    missing = [
        r for r in pq.read_table("pipeline/images/rejected.parquet").to_pylist() if r["reason"] == "missing"
    ]
    recipes = pq.read_table("pipeline/corpus/recipes.parquet", columns=["id", "partition"]).to_pylist()
    partition = next(r["partition"] for r in recipes if r["id"] == missing[0]["recipe"])
    wrong = kitchen / "pipeline/kitchen/recipe1m/images" / ("val" if partition != "val" else "test")
    (wrong / missing[0]["photo"]).write_bytes(b"anything")
    after = json.loads(invoke("audit", "--json"))["counts"]["mislabelled"]["photos_in_another_folder"]
    (wrong / missing[0]["photo"]).unlink()
    assert (before, after) == (0, 1)


def test_dropped_leaks_are_set_aside_with_a_reason(kitchen, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(
        small_params(corpus={"source": str(kitchen / "pipeline/kitchen/recipe1m"), "leaks": "drop"})
    )
    invoke("corpus")
    kept, all_recipes = (
        pq.read_table(folder / "pipeline/corpus/recipes.parquet").to_pylist()
        for folder in (tmp_path, kitchen)
    )
    groups = pq.read_table(kitchen / "pipeline/corpus/duplicates.parquet").to_pylist()
    leaking = {g["group"] for g in groups if g["partition"] == "test"}
    expected = {g["id"] for g in groups if g["group"] in leaking and g["partition"] != "test"}
    assert expected and {r["id"] for r in all_recipes} - {r["id"] for r in kept} == expected
    rejected = pq.read_table(tmp_path / "pipeline/corpus/rejected.parquet").to_pylist()
    dropped = {r["id"]: r["position"] for r in rejected if r["reason"] == "nearly repeats a recipe of test"}
    layer1 = json.loads((kitchen / "pipeline/kitchen/recipe1m/layer1.json").read_text())
    assert dropped.keys() == expected
    assert all(layer1[position]["id"] == id_ for id_, position in dropped.items())
    metrics = json.loads((tmp_path / "metrics/corpus.json").read_text())
    assert metrics["recipes"]["all"] == len(kept)
    invoke("images")
    counts = json.loads(invoke("audit", "--json"))["counts"]
    for found in (counts["recipes_nearly_the_same"], counts["photos_that_look_the_same"]):
        assert found["train_test"] == found["val_test"] == 0
    assert counts["photos_used_twice"] == metrics["photos_used_twice"]
