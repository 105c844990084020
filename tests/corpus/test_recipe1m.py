import json
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from seje.corpus.recipe1m import read_recipes
from seje.data.records import Limits, Recipe, Rejected
from seje.errors import SejeError

LIMITS = Limits(20, 20)


def recipe(number: int, **changes: object) -> dict[str, object]:
    lines = {"ingredients": [{"text": "1 egg"}], "instructions": [{"text": "Boil the egg."}]}
    return {"id": f"{number:010x}", "partition": "train", "title": f"Egg {number}", **lines, **changes}


def recipes(source: Path) -> list[Recipe]:
    return [found[1] for found in read_recipes(source, LIMITS) if isinstance(found, tuple)]


def write(folder: Path, layer1: object, layer2: object = (), det_ingrs: object | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "layer1.json").write_text(json.dumps(layer1))
    (folder / "layer2.json").write_text(json.dumps(layer2))
    if det_ingrs is not None:
        (folder / "det_ingrs.json").write_text(json.dumps(det_ingrs))
    return folder


def test_layers_are_joined_whatever_their_order(tmp_path):
    layer2 = [{"id": f"{n:010x}", "images": [{"id": f"{n}f.jpg"}]} for n in (2, 7, 0)]
    detected = [{"id": f"{n:010x}", "valid": [True], "ingredients": [{"text": f"e{n}"}]} for n in (1, 0)]
    source = write(tmp_path, [recipe(n) for n in range(3)], layer2, detected)
    found = recipes(source)
    assert [r.photos for r in found] == [["0f.jpg"], [], ["2f.jpg"]]
    assert [r.entities for r in found] == [["e0"], ["e1"], None]


def test_a_good_copy_survives_its_broken_twin(tmp_path):
    source = write(tmp_path, [recipe(1, title=""), recipe(1), recipe(1), ["no object"]])
    records = list(read_recipes(source, LIMITS))
    assert isinstance(records[1], tuple) and records[1][0] == 1
    assert records[0] == Rejected("layer1", 0, "0000000001", "no title")
    assert records[2] == Rejected("layer1", 2, "0000000001", "id seen before")
    assert records[3] == Rejected("layer1", 3, None, "not an object")


def test_the_name_of_recipe1m_plus_is_read_too(tmp_path):
    source = write(tmp_path, [recipe(1)], [{"id": "0000000001", "images": [{"id": "a.jpg"}]}])
    (source / "layer2.json").rename(source / "layer2+.json")
    (found,) = recipes(source)
    assert found.photos == ["a.jpg"]


@pytest.mark.parametrize("name", ["layer1.json", "layer2.json"])
def test_a_missing_file_is_named_with_its_place_and_purpose(tmp_path, name):
    source = write(tmp_path / "data", [recipe(1)])
    (source / name).unlink()
    with pytest.raises(SejeError, match=rf"{name}.* is missing in .*data: it .*corpus\.source"):
        list(read_recipes(source, LIMITS))


@pytest.mark.parametrize("text", ["", '[{"id": "1"}, {"id": ', "nonsense", "[1, 2"])
def test_broken_json_is_one_line_and_no_traceback(tmp_path, text):
    source = write(tmp_path, [])
    (source / "layer1.json").write_text(text)
    with pytest.raises(SejeError, match=r"layer1\.json") as error:
        list(read_recipes(source, LIMITS))
    assert "\n" not in str(error.value)


def test_every_record_of_every_layer_is_used_or_has_a_reason(tmp_path):
    layer1 = [recipe(1), recipe(2, title=""), recipe(3), {"id": "a b"}, recipe(4), recipe(4)]
    layer2 = [
        {"id": f"{1:010x}", "images": [{"id": "a.jpg"}, "b (2).jpg", {"id": "x/y.jpg"}]},
        {"id": f"{9:010x}", "images": [{"id": "c.jpg"}]},
        {"id": f"{1:010x}", "images": [{"id": "d.d.jpg"}, {"id": "a.jpg"}]},
        {"id": f"{2:010x}", "images": []},
        {"id": f"{3:010x}", "images": {}},
        "nothing",
        {"id": "a\ud83db", "images": []},
    ]
    fits = {"valid": [True], "ingredients": [{"text": "egg"}]}
    det_ingrs = [
        {"id": f"{1:010x}", "valid": [True, False], "ingredients": [{"text": "egg"}] * 2},
        {"id": f"{1:010x}"} | fits,
        {"id": f"{1:010x}"} | fits,
        {"id": f"{3:010x}", "valid": [True]},
        {"id": f"{8:010x}"} | fits,
    ]
    records: Counter[str] = Counter()
    read = list(read_recipes(write(tmp_path, layer1, layer2, det_ingrs), LIMITS, records))
    assert records == {"layer1": 6, "layer2": 7, "det_ingrs": 5}
    good = [found[1] for found in read if isinstance(found, tuple)]
    assert [(r.id[-1], r.photos, r.entities) for r in good] == [
        ("1", ["a.jpg", "b (2).jpg", "d.d.jpg"], ["egg"]),
        ("3", [], None),
        ("4", [], None),
    ]
    rejected = [found for found in read if isinstance(found, Rejected)]
    assert {(r.layer, r.position, r.photo): r.reason for r in rejected} == {
        ("layer1", 1, None): "no title",
        ("layer1", 3, None): "id with white space, a slash or control characters, or too long",
        ("layer1", 5, None): "id seen before",
        ("layer2", 0, "x/y.jpg"): "photo's name is a path",
        ("layer2", 1, None): "layer1 has no such recipe",
        ("layer2", 2, "a.jpg"): "photo listed before",
        ("layer2", 3, None): "its recipe is set aside",
        ("layer2", 4, None): "images is not a list",
        ("layer2", 5, None): "not an object",
        ("layer2", 6, None): "id with white space, a slash or control characters, or too long",
        ("det_ingrs", 0, None): "does not fit the recipe's ingredient lines",
        ("det_ingrs", 2, None): "id seen before",
        ("det_ingrs", 3, None): "ingredients and valid are not lists of one length",
        ("det_ingrs", 4, None): "layer1 has no such recipe",
    }
    assert len(rejected) == 14


def test_a_companion_that_is_nested_too_deep_costs_itself(tmp_path):
    source = write(tmp_path, [recipe(1)])
    deep = "[" * 200_000 + "]" * 200_000
    (source / "layer2.json").write_text(f'[{{"id": "{1:010x}", "images": [], "x": {deep}}}]')
    found, rejected = read_recipes(source, LIMITS)
    assert isinstance(found, tuple) or isinstance(rejected, tuple)
    assert Rejected("layer2", 0, None, "nested too deep") in (found, rejected)


def test_memory_does_not_grow_with_the_file(tmp_path):
    def peak(count: int) -> int:
        source = write(tmp_path / str(count), [recipe(n) for n in range(count)])
        tracemalloc.start()
        assert sum(1 for _ in read_recipes(source, LIMITS)) == count
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(100)  # what is imported on first use
    assert peak(8000) < 2 * peak(1000)
