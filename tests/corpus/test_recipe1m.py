import gzip
import json
import tracemalloc
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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


LAYER2 = [{"id": f"{n:010x}", "images": [{"id": f"{n}f.jpg"}]} for n in (2, 7, 0)]
DETECTED = [{"id": f"{n:010x}", "valid": [True], "ingredients": [{"text": f"e{n}"}]} for n in (1, 0)]
LAYERS = {
    "layer1": [recipe(0), recipe(1, url="https://a.org/1"), recipe(2, title=""), recipe(2)],
    "layer2": LAYER2,
    "det_ingrs": DETECTED,
}


def lines(records: list[dict[str, object]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def write_as(form: str, source: Path, layers: dict[str, list[dict[str, object]]] = LAYERS) -> Path:
    for name, records in layers.items():
        if form == "json":
            (source / f"{name}.json").write_text(json.dumps(records))
        elif form == "jsonl":
            (source / f"{name}.jsonl").write_text(lines(records))
        elif form == "jsonl.gz":
            (source / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines(records).encode()))
        else:
            (source / name).mkdir()
            (source / name / "_SUCCESS").touch()
            for number, part in enumerate((records[:1], records[1:])):
                path = source / name / f"part-{number}.{form.removesuffix('/')}"
                if form == "jsonl/":
                    path.write_text(lines(part))
                else:
                    pq.write_table(pa.Table.from_pylist(part), path)
    return source


@pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "jsonl/", "parquet/"])
def test_recipes_are_the_same_in_any_form(tmp_path, form):
    plain, other = tmp_path / "plain", tmp_path / "other"
    plain.mkdir()
    other.mkdir()
    expected = list(read_recipes(write_as("json", plain), LIMITS))
    assert [found[0] for found in expected if isinstance(found, tuple)] == [0, 1, 3]
    assert list(read_recipes(write_as(form, other), LIMITS)) == expected


def test_a_bad_line_is_set_aside_with_its_place_in_all_files(tmp_path):
    source = write_as("jsonl/", tmp_path)
    with (source / "layer1/part-0.jsonl").open("a") as file:
        file.write('{"id": \n')
    rejected = [found for found in read_recipes(source, LIMITS) if isinstance(found, Rejected)]
    assert rejected[0] == Rejected("layer1", 1, None, "broken JSON")
    assert rejected[1] == Rejected("layer1", 3, "0000000002", "no title")


def test_a_bad_row_is_set_aside_with_its_place(tmp_path):
    source = write_as("parquet/", tmp_path)
    path = source / "layer1/part-1.parquet"
    table = pq.read_table(path)
    titles = pa.array([b"cr\xe8me", None, b"Egg"], pa.binary())
    raw = pa.StringArray.from_buffers(3, titles.buffers()[1], titles.buffers()[2], titles.buffers()[0])
    pq.write_table(table.set_column(table.schema.get_field_index("title"), "title", raw), path)
    found = list(read_recipes(source, LIMITS))
    assert [one.reason for one in found[1:3]] == ["not UTF-8", "no title"]
    assert [one.position for one in found[1:3]] == [1, 2] and found[3][0] == 3


@pytest.mark.parametrize("harm", ["cut", "flip", "text", "no ids"])
def test_a_damaged_table_is_one_line(tmp_path, harm):
    source = write_as("parquet/", tmp_path)
    path = source / "layer1/part-1.parquet"
    data = bytearray(path.read_bytes())
    if harm == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif harm == "flip":
        data[4:60] = bytes(56)
        path.write_bytes(data)
    elif harm == "text":
        path.write_text("no table")
    else:
        pq.write_table(pa.table({"name": ["Egg"]}), path)
    with pytest.raises(
        SejeError, match=r"layer1/part-1\.parquet: (broken Parquet|has no column id)"
    ) as error:
        list(read_recipes(source, LIMITS))
    assert "\n" not in str(error.value)


def test_two_forms_of_a_layer_are_refused(tmp_path):
    source = write_as("jsonl/", write_as("json", tmp_path))
    with pytest.raises(SejeError, match=r"holds layer1\.json and layer1: .* keep one of them"):
        list(read_recipes(source, LIMITS))


def test_a_folder_without_records_is_named(tmp_path):
    source = write_as("json", tmp_path)
    (source / "layer1.json").unlink()
    (source / "layer1").mkdir()
    with pytest.raises(SejeError, match=r"layer1 holds no records: it needs files \*\.parquet or \*\.jsonl"):
        list(read_recipes(source, LIMITS))
