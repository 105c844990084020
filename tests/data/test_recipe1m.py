import json
import tracemalloc
from pathlib import Path

import pytest

from seje.data.recipe1m import read_recipes
from seje.data.records import Limits, Recipe, Rejected
from seje.errors import SejeError

LIMITS = Limits(20, 20)


def recipe(number: int, **changes: object) -> dict[str, object]:
    lines = {"ingredients": [{"text": "1 egg"}], "instructions": [{"text": "Boil the egg."}]}
    return {"id": f"{number:010x}", "partition": "train", "title": f"Egg {number}", **lines, **changes}


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
    found = [r for r in read_recipes(source, LIMITS) if isinstance(r, Recipe)]
    assert [r.photos for r in found] == [["0f.jpg"], [], ["2f.jpg"]]
    assert [r.entities for r in found] == [["e0"], ["e1"], None]


def test_a_good_copy_survives_its_broken_twin(tmp_path):
    source = write(tmp_path, [recipe(1, title=""), recipe(1), recipe(1), ["no object"]])
    records = list(read_recipes(source, LIMITS))
    assert isinstance(records[1], Recipe)
    assert records[0] == Rejected(0, "0000000001", "no title")
    assert records[2] == Rejected(2, "0000000001", "id seen before")
    assert records[3] == Rejected(3, None, "not an object")


def test_the_name_of_recipe1m_plus_is_read_too(tmp_path):
    source = write(tmp_path, [recipe(1)], [{"id": "0000000001", "images": [{"id": "a.jpg"}]}])
    (source / "layer2.json").rename(source / "layer2+.json")
    (found,) = read_recipes(source, LIMITS)
    assert isinstance(found, Recipe) and found.photos == ["a.jpg"]


@pytest.mark.parametrize("name", ["layer1.json", "layer2.json"])
def test_a_missing_file_is_named_with_its_place_and_purpose(tmp_path, name):
    source = write(tmp_path / "data", [recipe(1)])
    (source / name).unlink()
    with pytest.raises(SejeError, match=rf"{name}.* is missing in .*data: it .*corpus\.source"):
        list(read_recipes(source, LIMITS))


@pytest.mark.parametrize("text", ["", "{}", '[{"id": "1"}, {"id": ', "nonsense", "[1, 2"])
def test_broken_json_is_one_line_and_no_traceback(tmp_path, text):
    source = write(tmp_path, [])
    (source / "layer1.json").write_text(text)
    with pytest.raises(SejeError, match=r"layer1\.json") as error:
        list(read_recipes(source, LIMITS))
    assert "\n" not in str(error.value)


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
