"""Cases of recipes' files: what can be read is read, what cannot is set aside with a reason."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from casebook import PHOTOS, TEXT, cases, recipe, run_stages
from conftest import small_params
from PIL import Image

from seje.workspace import paths


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads a folder as the source of a corpus; gives recipes, what was set aside, and the metrics."""

    def read(source: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
        monkeypatch.chdir(tmp_path)
        run_stages(small_params(corpus={"source": str(source)}), "corpus")
        kept, aside = (
            pq.read_table(path).to_pylist() for path in (paths.Corpus.RECIPES, paths.Corpus.REJECTED)
        )
        return kept, aside, json.loads(paths.metrics("corpus").read_text())

    return read


@cases("bigint", "nan", "bom", "gz")
def test_odd_values_and_forms_cost_nothing(corpus, case):
    kept, aside, _ = corpus(TEXT / case)
    assert (len(kept), len(aside)) == (3, 0)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-be", "JSON Lines", "gzip of JSON Lines"])
@cases("bom")
def test_other_encodings_and_json_lines_are_told_apart(corpus, tmp_path, case, encoding):
    text = (TEXT / case / "layer1.json").read_text(encoding="utf-8-sig")
    lines = "".join(json.dumps(record) + "\n" for record in json.loads(text)).encode()
    packed = {"JSON Lines": lines, "gzip of JSON Lines": gzip.compress(lines)}
    (tmp_path / "layer1.json").write_bytes(packed.get(encoding) or text.encode(encoding))
    (tmp_path / "layer2.json").write_text("[]")
    kept, aside, _ = corpus(tmp_path)
    assert (len(kept), len(aside)) == (3, 0)


@cases("surrogate_low")
def test_half_a_character_costs_at_most_its_record(corpus, case):
    kept, aside, _ = corpus(TEXT / case)
    assert len(kept) + len(aside) == 4
    assert len(kept) >= 3


@cases("deep_nesting")
def test_deep_nesting_costs_its_record(corpus, case):
    kept, aside, _ = corpus(TEXT / case)
    assert [row["id"] for row in kept] == ["0000000000"]
    assert len(aside) == 1


@cases("invisible_lines")
def test_invisible_text_is_no_title(corpus, case):
    kept, aside, _ = corpus(TEXT / case)
    assert [row["id"] for row in kept] == ["0000000002"]
    assert [row["reason"] for row in aside] == ["no title"]


@cases("ids_case")
def test_ids_of_other_collections(corpus, case):
    kept, _, _ = corpus(TEXT / case)
    assert [row["id"] for row in kept] == ["00ABCDEF12", "0000000002"]


@cases("one_recipe")
def test_counts_are_numbers(corpus, case):
    _, _, metrics = corpus(TEXT / case)
    assert not [name for name, value in flat(metrics) if isinstance(value, bool)]


def flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows = ([*flat(value, f"{prefix}{name}.")] if isinstance(value, dict) else [(prefix + name, value)]
            for name, value in values.items())  # fmt: skip
    return [row for several in rows for row in several]


@cases("html_text")
def test_markup_is_taken_away_at_the_reader(corpus, tmp_path, case):
    lines = (TEXT / case / "lines.txt").read_text(encoding="utf-8").splitlines()
    (tmp_path / "layer1.json").write_text(json.dumps([recipe(1, "Fish &amp; chips", lines)]))
    (tmp_path / "layer2.json").write_text("[]")
    ((row,), _, _) = corpus(tmp_path)
    assert row["title"] == "Fish & chips"
    assert row["ingredients"] == [
        "\u00bd cup sugar", "1 cup Cr\u00e8me fra\u00eeche", "1\u20442 tsp cumin", "\u00bd cup butter",
        "2 cups flour",
    ]  # fmt: skip


@cases("layer2_photos")
def test_no_photo_vanishes(corpus, case):
    kept, aside, _ = corpus(TEXT / case)
    named = [photo for row in kept for photo in row["photos"]]
    assert named == ["aaaaaaaaaa.jpg", "My photo (1).jpg", "dinner.final.jpg", "cccccccccc.jpg",
                     "dddddddddd.jpg", "eeeeeeeeee.jpg"]  # fmt: skip
    assert [row["id"] for row in aside] == ["00000000ff"] and aside[0]["reason"]
    run_stages(Path("params.yaml").read_text(), "images")
    assert json.loads(paths.metrics("images").read_text())["photos"]["all"] == len(named)


@cases("photo_names")
def test_photos_are_found_by_any_plain_name(corpus, tmp_path, case):
    shutil.copy(PHOTOS / case / "layer2.json", tmp_path)
    (row,) = json.loads((tmp_path / "layer2.json").read_text())
    dish = recipe(1, "Tomato soup", ["2 tomatoes"]) | {"id": row["id"]}
    (tmp_path / "layer1.json").write_text(json.dumps([dish]))
    (tmp_path / "images/train").mkdir(parents=True)
    for photo in row["images"]:
        Image.linear_gradient("L").save(tmp_path / "images" / photo["id"])
    ((found,), aside, _) = corpus(tmp_path)
    assert found["photos"] == ["IMG (1).jpg", "a.b.jpg"]
    assert [(row["photo"], row["reason"]) for row in aside] == [("train/x.jpg", "photo's name is a path")]
    run_stages(Path("params.yaml").read_text(), "images")
    assert json.loads(paths.metrics("images").read_text())["photos"]["all"] == 2
