"""Inputs of ../shared/cases that went wrong once, asked the way people met them: through the commands."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import SHARED, small_params
from typer.testing import CliRunner, Result

from seje.cli import app

CASES = SHARED.parent / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="no ../shared/cases beside the repository")


def seje(*arguments: str, **given: Any) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False, **given)


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads a case as the source of a corpus; gives recipes, what was set aside, and the metrics."""

    def read(case: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
        monkeypatch.chdir(tmp_path)
        Path("params.yaml").write_text(small_params(corpus={"source": str(CASES / "text" / case)}))
        done = seje("corpus")
        assert done.exit_code == 0, done.output
        tables = (pq.read_table(f"pipeline/corpus/{name}.parquet") for name in ("recipes", "rejected"))
        kept, aside = (table.to_pylist() for table in tables)
        return kept, aside, json.loads(Path("metrics/corpus.json").read_text())

    return read


@pytest.mark.parametrize(("case", "records"), [("bigint", 3), ("nan", 3), ("bom", 3)])
def test_odd_values_cost_nothing(corpus, case, records):
    kept, aside, _ = corpus(case)
    assert (len(kept), len(aside)) == (records, 0)


def test_gzip_is_opened(corpus):
    kept, _, _ = corpus("gz")
    assert kept


def test_half_a_character_costs_at_most_its_record(corpus):
    kept, aside, _ = corpus("surrogate_low")
    assert len(kept) + len(aside) == 4
    assert len(kept) >= 3


def test_deep_nesting_costs_its_record(corpus):
    kept, aside, _ = corpus("deep_nesting")
    assert [recipe["id"] for recipe in kept] == ["0000000000"]
    assert len(aside) == 1


def test_invisible_text_is_no_title(corpus):
    kept, aside, _ = corpus("invisible_lines")
    assert [recipe["id"] for recipe in kept] == ["0000000002"]
    assert [record["reason"] for record in aside] == ["no title"]


def test_ids_of_other_collections(corpus):
    kept, _, _ = corpus("ids_case")
    assert [recipe["id"] for recipe in kept] == ["00ABCDEF12", "0000000002"]


def test_counts_are_numbers(corpus):
    _, _, metrics = corpus("one_recipe")
    assert not [name for name, value in flat(metrics) if isinstance(value, bool)]


def flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows = ([*flat(value, f"{prefix}{name}.")] if isinstance(value, dict) else [(prefix + name, value)]
            for name, value in values.items())  # fmt: skip
    return [row for several in rows for row in several]


def test_no_photo_vanishes(corpus):
    kept, aside, _ = corpus("layer2_photos")
    named = [photo for recipe in kept for photo in recipe["photos"]]
    assert {"My photo (1).jpg", "dinner.final.jpg", "cccccccccc.jpg", "aaaaaaaaaa.jpg"} <= set(named)
    assert len(named) + len(aside) >= 7
    done = seje("images")
    assert done.exit_code == 0, done.output
    assert json.loads(Path("metrics/images.json").read_text())["photos"]["all"] == len(named)


def test_few_given_labels_are_used_with_silver_ones(corpus):
    corpus("det_partial")
    for stage in ("word2vec", "keyterms"):
        done = seje(stage)
        assert done.exit_code == 0, done.output
    learning = json.loads(Path("metrics/keyterms.json").read_text())["learning"]
    assert learning["given"]["learnt"] == 3
    assert learning["silver"]["learnt"] > 3 * 16  # of 31 more train recipes of three lines


USED = {"no_eoi/no_eoi.jpg", "heic/iphone.heic", "bmp_alpha0/bmp32_alpha0.bmp"}
REFUSED = {"eps_loop/loop.eps", "strip_jpeg_limit/strip.png", "scans_bomb/scans3000.jpg"}
EITHER = {"grey16_memory/g16_50mp.png"}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A collection in which each recipe has one of the photos; the endless one is named as a JPEG too."""
    names = {name: Path(name).name for name in (*USED, *REFUSED, *EITHER)}
    (tmp_path / "images").mkdir()
    for name, plain in names.items():
        shutil.copy(CASES / "photos" / name, tmp_path / "images" / plain)
    shutil.copy(CASES / "photos/eps_loop/loop.eps", tmp_path / "images/loop.jpg")
    layer1, layer2 = [], []
    for number, plain in enumerate([*names.values(), "loop.jpg"]):
        line = [{"text": "salt"}]
        recipe = {"id": f"{number:010x}", "partition": "train", "title": f"dish {number}"}
        layer1.append(recipe | {"ingredients": line, "instructions": line})
        layer2.append({"id": recipe["id"], "images": [{"id": plain}]})
    (tmp_path / "layer1.json").write_text(json.dumps(layer1))
    (tmp_path / "layer2.json").write_text(json.dumps(layer2))
    return tmp_path


@pytest.mark.slow
def test_photos_are_used_or_set_aside_one_by_one(photos, monkeypatch):
    monkeypatch.chdir(photos)
    Path("params.yaml").write_text(small_params(corpus={"source": "."}))
    for stage in ("corpus", "images"):
        done = seje(stage)
        assert done.exit_code == 0, done.output
    aside = {
        row["photo"]: row["reason"] for row in pq.read_table("pipeline/images/rejected.parquet").to_pylist()
    }
    assert {Path(name).name for name in REFUSED} | {"loop.jpg"} <= set(aside)
    assert not {Path(name).name for name in USED} & set(aside)
    assert all(aside.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(USED | REFUSED | EITHER))
def test_a_photo_asked_for_is_answered_or_refused_in_a_line(search, name):
    done = seje("search", str(CASES / "photos" / name), "-k", "2", "--json")
    assert done.exit_code == (2 if name in REFUSED else 0) or name in EITHER, done.output
    if done.exit_code:
        assert done.exit_code == 2
        assert len(done.output.strip().splitlines()) == 1


@pytest.fixture
def client(search):
    from fastapi.testclient import TestClient

    from seje.web.app import create

    with TestClient(create(search, None, ["127.0.0.1"]), base_url="http://127.0.0.1") as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nan.json", "surrogate.json"])
def test_json_that_is_none_is_refused(client, name):
    body = (CASES / "photos/json_500" / name).read_bytes()
    answer = client.post("/search/text", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.slow
@pytest.mark.parametrize("more", [True, False])
def test_another_corpus_behind_an_index_is_noticed(small_pipeline, tmp_path, monkeypatch, more):
    folder, data = tmp_path / "copy", tmp_path / "data"
    shutil.copytree(small_pipeline, folder)
    shutil.copytree(small_pipeline / "pipeline/kitchen/recipe1m", data)
    monkeypatch.chdir(folder)
    recipes = json.loads((data / "layer1.json").read_text())
    first = dict(recipes[0], id="0000000000", partition="train")
    (data / "layer1.json").write_text(json.dumps([first, *recipes] if more else recipes[10:]))
    changed = small_params(ranking={"words": 16}, corpus={"source": "../data"})
    Path("params.yaml").write_text(changed)
    assert seje("corpus").exit_code == 0
    done = seje("search", "tomato soup", "--for", "recipes", "-k", "2", "--json")
    assert done.exit_code == 2, done.output
    assert len(done.output.strip().splitlines()) == 1
    assert "dvc repro" in done.output
