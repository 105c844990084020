import io
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from seje.kitchen.broken import KINDS
from seje.kitchen.dishes import DISHES
from seje.kitchen.raw_files import Shots, write_kitchen

RECIPES = 40
BROKEN = 0.4
LEAKING = 1  # one for each ten broken records


SHOTS = Shots(32, 1, 1)


def write(folder: Path, workers: int = 1, seed: int = 3, broken: float = BROKEN):
    return write_kitchen(folder, RECIPES, broken, SHOTS, seed, workers)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kitchen")
    return folder, write(folder)


@pytest.fixture(scope="module")
def layers(kitchen):
    folder = kitchen[0] / "recipe1m"
    return {
        name: json.loads((folder / f"{name}.json").read_text()) for name in ("layer1", "layer2", "det_ingrs")
    }


def good(record) -> bool:
    return (
        re.fullmatch("[0-9a-f]{10}", record.get("id", "")) is not None
        and bool(record.get("title", "").strip())
        and isinstance(record["ingredients"], list)
        and bool(record["ingredients"])
        and all(isinstance(line.get("text"), str) for line in record["ingredients"] + record["instructions"])
        and bool(record["instructions"])
        and record["partition"] in ("train", "val", "test")
    )


def test_same_bytes_whatever_the_number_of_processes(kitchen, tmp_path):
    write(tmp_path / "two", workers=2)
    assert tree(tmp_path / "two") == tree(kitchen[0])


def test_another_seed_is_another_kitchen(kitchen, tmp_path):
    write(tmp_path, seed=4, broken=0.0)
    assert not set(tree(tmp_path / "recipe1m/images")) & set(tree(kitchen[0] / "recipe1m/images"))


def test_layers_have_recipe1m_shape(layers):
    record = next(filter(good, layers["layer1"]))
    assert set(record) == {"id", "url", "partition", "title", "ingredients", "instructions"}
    assert "example.org" in record["url"]
    detected = {row["id"]: row for row in layers["det_ingrs"] if "id" in row}[record["id"]]
    assert set(detected) == {"id", "valid", "ingredients"}
    images = {row["id"]: row for row in layers["layer2"] if "id" in row}[record["id"]]["images"]
    assert 1 <= len(images) <= 3
    assert all(re.fullmatch(r"[0-9a-f]{10}\.jpg", image["id"]) for image in images)


def test_entities_are_in_their_lines_and_failures_are_the_raw_line(layers):
    lines = {row["id"]: row["ingredients"] for row in reversed(layers["layer1"]) if good(row)}
    checked = 0
    for row in layers["det_ingrs"]:
        raw = lines.get(row.get("id"), [])
        for valid, entity, line in zip(row["valid"], row["ingredients"], raw, strict=False):
            checked += 1
            assert entity["text"] in line["text"] if valid else entity == line
    assert checked > 300


def test_good_recipes_are_all_there_and_breakage_is_on_top(kitchen, layers):
    # Damage to photos and det_ingrs leaves the record itself good; a duplicate is good but for its id.
    outside = {
        "det_ingrs of other length",
        "missing photo",
        "truncated photo",
        "photo of 0 bytes",
        "text as photo",
    }
    assert len({row["id"] for row in layers["layer1"] if good(row)}) == RECIPES + len(outside) + LEAKING
    assert len(layers["layer1"]) == RECIPES + round(BROKEN * RECIPES) + LEAKING


def test_planted_tells_what_is_broken(kitchen, layers):
    folder, summary = kitchen
    planted = json.loads((folder / "planted.json").read_text())
    assert planted == summary.planted == dict.fromkeys(KINDS, 1) | {"copied recipe": LEAKING}
    rows = layers["layer1"]
    assert sum("title" not in row for row in rows) == planted["missing title"]
    assert sum(row.get("title", "x").strip() == "" for row in rows) == planted["blank title"]
    assert sum(row["ingredients"] == [] for row in rows) == planted["empty ingredients"]
    assert sum(isinstance(row["ingredients"], str) for row in rows) == planted["ingredients as a string"]
    assert sum(row["instructions"] == [] for row in rows) == planted["empty instructions"]
    assert sum({} in row["instructions"] for row in rows) == planted["instruction without text"]
    assert sum(row["partition"] == "holdout" for row in rows) == planted["unknown partition"]
    assert sum("id" not in row for row in rows) == planted["missing id"]
    ids = Counter(row["id"] for row in rows if "id" in row)
    assert sum(count - 1 for count in ids.values()) == planted["duplicate id"]
    assert sum(not re.fullmatch("[0-9a-f]{10}", id_) for id_ in ids) == planted["malformed id"]


def test_photos_lie_at_four_levels_and_as_many_are_unreadable_as_planted(kitchen, layers):
    folder, summary = kitchen
    # Reversed: of two records with one id, the first is the one whose photos are there.
    partition = {row.get("id"): row["partition"] for row in reversed(layers["layer1"])}
    states: Counter[str] = Counter()
    for row in layers["layer2"]:
        for image in row["images"]:
            name = image["id"]
            path = folder.joinpath("recipe1m/images", partition[row.get("id")], *name[:4], name)
            states[state(path)] += 1
    planted = summary.planted
    assert states["missing"] == planted["missing photo"]
    assert states["unreadable"] == (
        planted["truncated photo"] + planted["photo of 0 bytes"] + planted["text as photo"]
    )


def state(path: Path) -> str:
    if not path.exists():
        return "missing"
    try:
        Image.open(io.BytesIO(path.read_bytes())).load()
    except OSError:
        return "unreadable"
    return "good"


def test_order_and_ids_tell_nothing(layers):
    bad = [place for place, row in enumerate(layers["layer1"]) if not good(row)]
    assert len(bad) >= 10 and bad[0] < 10 and bad[-1] > RECIPES // 2
    assert len({after - before for before, after in pairwise(bad)}) > 2
    shared = [
        row
        for row in layers["layer2"]
        if any(image["id"][:4] == row.get("id", "")[:4] for image in row["images"])
    ]
    assert shared == []


def test_labelled_set_is_food101s_layout(kitchen):
    folder = kitchen[0] / "food101"
    lists = {
        name: (folder / f"meta/{name}.txt").read_text().splitlines()
        for name in ("classes", "labels", "train", "test")
    }
    assert lists["classes"] == sorted(dish.name.replace(" ", "_") for dish in DISHES)
    assert [label.lower().replace(" ", "_") for label in lists["labels"]] == lists["classes"]
    assert len(lists["train"]) == len(lists["test"]) == len(DISHES)
    for line in lists["train"] + lists["test"]:
        assert state(folder / "images" / f"{line}.jpg") == "good"


def test_nothing_is_broken_where_none_is_asked_for(tmp_path):
    assert write(tmp_path, broken=0.0).planted == {}
