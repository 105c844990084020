import csv
import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import tiny_clip
from conftest import run_stages, seal, small_params
from typer.testing import CliRunner

from seje.cli import app
from seje.retrieval.hubness import VALUES

STAGES = (
    "kitchen corpus images word2vec keyterms ranking instructions categories joint model evaluation report"
).split()


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluation")
    (folder / "params.yaml").write_text(small_params(joint={"epochs": 2, "linear": 8}))
    run_stages(folder, STAGES)
    return folder


@pytest.mark.slow
def test_files_agree_with_one_another(evaluated):
    results = json.loads((evaluated / "metrics/evaluation.json").read_text())
    table = pq.read_table(evaluated / "pipeline/evaluation/ranks.parquet")
    ranks = table.filter(pc.field("partition") == "test").to_pydict()
    assert len(set(ranks["id"])) == results["test_pairs"]
    whole = results["all"]["image_to_recipe"]
    assert whole["MedR"] == np.median(ranks["image_to_recipe"])
    assert set(results["baselines"]) == {"chance", "category", "cca", "cca_words"}
    assert "within_source" not in results  # all of the kitchen is from one
    assert results["parts"]["both"]["spread"] == results["spread"]
    assert set(results["parts"]) == {"linear", "trained", "both"}
    assert set(results["spread"]) == {"10", "all"}
    with (evaluated / "pipeline/evaluation/categories.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["pairs"]) for row in rows) == results["test_pairs"]
    hits = sum(float(row["image_to_recipe_R@5"]) * int(row["pairs"]) for row in rows)
    assert hits / results["test_pairs"] == pytest.approx(whole["R@5"], abs=1e-4)
    (*_, last) = json.loads((evaluated / "metrics/evaluation/pools.json").read_text())
    assert (last["pool"], last["image_to_recipe"]) == (results["test_pairs"], whole["MedR"])


@pytest.mark.slow
def test_the_ranks_of_val_are_those_that_chose_the_epoch(evaluated):
    table = pq.read_table(evaluated / "pipeline/evaluation/ranks.parquet")
    val = table.filter(pc.field("partition") == "val")
    chosen = json.loads((evaluated / "metrics/joint.json").read_text())
    assert val.num_rows == chosen["val_pairs"]
    ways = [val[name].to_numpy() for name in ("image_to_recipe", "recipe_to_image")]
    assert np.mean([np.mean(way <= 10) for way in ways]) == pytest.approx(chosen["val"]["R@10"], abs=1e-5)


@pytest.mark.slow
def test_the_linear_baseline_reads_what_the_model_reads_and_val_chose_its_form(evaluated):
    chosen = json.loads((evaluated / "metrics/evaluation.json").read_text())["chosen"]
    assert set(chosen["cca"]["recipe"]) <= {"terms", "instructions"}  # the kitchen's model reads no words
    assert set(chosen["cca"]["photo"]) <= {"pixels", "labels"}
    assert chosen["cca_words"]["recipe"] == ["words"]
    assert {"ridge", "dimensions", "val_score"} <= set(chosen["cca"])


@pytest.mark.slow
def test_hubs_are_put_in_their_place_in_rows_of_their_own(evaluated):
    results = json.loads((evaluated / "metrics/evaluation.json").read_text())
    assert set(results["hubness"]) == {"csls", "softmax"}
    for method, name in (("csls", "k"), ("softmax", "beta")):
        found, chosen = results["hubness"][method], results["chosen"][method]
        assert set(chosen) == {name, "val_score"} and chosen[name] in VALUES[method]
        for way in ("image_to_recipe", "recipe_to_image"):
            ends = found["spread"]["all"][way]["R@5"]
            assert ends["low"] <= found["all"][way]["R@5"] <= ends["high"]
        assert set(found) == {"10", "all", "spread"}
    report = (evaluated / "pipeline/report/report.html").read_text()
    assert "CSLS, image to recipe" in report and "inverted softmax, recipe to image" in report


@pytest.mark.slow
def test_two_sources_in_test_give_rows_of_their_own(evaluated, tmp_path, monkeypatch):
    folder = shutil.copytree(evaluated, tmp_path / "mixed")
    recipes = pq.read_table(folder / "pipeline/corpus/recipes.parquet")
    names = [(None, "a.org", "b.org")[row % 3] for row in range(recipes.num_rows)]
    place = recipes.column_names.index("source")
    mixed = recipes.set_column(place, "source", pa.array(names, pa.string()))
    pq.write_table(mixed, folder / "pipeline/corpus/recipes.parquet")
    monkeypatch.chdir(folder)
    seal("corpus", "images", "word2vec", "keyterms", "ranking", "instructions", "categories")
    seal("joint", "model")
    invoke("evaluation")
    results = json.loads((folder / "metrics/evaluation.json").read_text())
    chance, source = (results["baselines"][name]["all"]["MedR"] for name in ("chance", "source"))
    assert source < chance and results["within_source"]["sources"] == 2
    for way in ("image_to_recipe", "recipe_to_image"):
        assert results["within_source"]["all"][way]["MedR"] <= results["all"][way]["MedR"]
    assert "within its" in invoke("metrics")


@pytest.mark.slow
def test_a_general_embedder_has_rows_beside_the_baselines(evaluated, tmp_path, monkeypatch):
    clip = tiny_clip.write(tmp_path / "made")
    folder = shutil.copytree(evaluated, tmp_path / "asked")
    before = json.loads((folder / "metrics/evaluation.json").read_text())
    params = small_params(joint={"epochs": 2, "linear": 8}, evaluation={"embedder": str(clip)})
    (folder / "params.yaml").write_text(params)
    run_stages(folder, ["evaluation", "report"])
    found = json.loads((folder / "metrics/evaluation.json").read_text())
    forms = {form: found["baselines"].pop(f"embedder_{form}") for form in ("title", "title_ingredients")}
    assert found == before
    assert forms["title"] != forms["title_ingredients"]
    for form in forms.values():
        assert set(form) == {"10", "all", "spread"}
    report = (folder / "pipeline/report/report.html").read_text()
    assert "embedder, title, image to recipe" in report
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "130")
    assert "embedder, title and ingredients, image to recipe" in invoke("metrics")


@pytest.mark.slow
def test_the_confusion_has_a_row_for_each_photo_and_hits_lie_on_the_diagonal(evaluated):
    results = json.loads((evaluated / "metrics/evaluation.json").read_text())
    rows = json.loads((evaluated / "metrics/evaluation/confusion.json").read_text())
    assert len(rows) == results["test_pairs"]
    same = np.mean([row["actual"] == row["nearest"] for row in rows])
    assert same >= results["all"]["image_to_recipe"]["R@1"]


@pytest.mark.slow
def test_the_parts_of_the_model_in_a_folder_are_those_that_the_stage_measured(evaluated):
    expected = json.loads((evaluated / "metrics/evaluation.json").read_text())["parts"]
    model, source = evaluated / "pipeline/model", evaluated / "pipeline/kitchen/recipe1m"
    output = CliRunner().invoke(app, ["evaluate", str(model), str(source), "--partition", "test", "--json"])
    found = json.loads(output.stdout)["parts"]
    assert set(found) == {"linear", "trained", "both"}
    for name, part in found.items():
        for way, measures in part["all"].items():
            assert measures == pytest.approx(expected[name]["all"][way], abs=1e-6)


@pytest.mark.slow
def test_the_gallery_tells_the_ranks(evaluated):
    pairs = json.loads((evaluated / "metrics/evaluation.json").read_text())["test_pairs"]
    rows = pq.read_table(evaluated / "pipeline/evaluation/gallery.parquet").to_pylist()
    assert len(rows) == 2 * min(12, pairs)
    for row in rows:
        place = row["recipes"].index(row["recipe"]) + 1 if row["recipe"] in row["recipes"] else None
        assert (place <= row["rank"]) if place else row["rank"] > 5  # ties go against the rank
        assert (row["photo"] in row["photos"]) == (place is not None)
        assert row["cosines"] == sorted(row["cosines"], reverse=True) and len(row["cosines"]) == 5
        assert place is None or row["categories"][place - 1] == row["category"]


@pytest.mark.slow
def test_the_report_is_written_again_with_the_same_bytes(evaluated, monkeypatch):
    monkeypatch.chdir(evaluated)
    report = evaluated / "pipeline/report/report.html"
    before = report.read_bytes()
    report.unlink()
    invoke("report")
    assert report.read_bytes() == before


def test_a_report_before_any_evaluation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["report"])
    assert result.exit_code == 2 and "run `dvc repro report`" in result.output
