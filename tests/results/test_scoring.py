import json
import pickle

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from seje.cli import app
from seje.data.vector_table import vector_writer
from seje.retrieval.ranks import ranks


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["score", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture
def pair(tmp_path):
    random = np.random.default_rng(0)
    images = random.normal(size=(60, 8))
    np.save(tmp_path / "images.npy", images)
    np.save(tmp_path / "recipes.npy", (5 * images + random.normal(size=images.shape)).astype(np.float16))
    return tmp_path / "images.npy", tmp_path / "recipes.npy"


def test_a_table_for_people(pair):
    code, output = invoke(*pair, "--pools", "20")
    assert code == 0
    assert "Retrieval among 60 test pairs" in output and "95 % interval" in output and "chance" in output


def test_json_for_programs_with_ranks_under_ids(pair, tmp_path):
    (tmp_path / "ids.txt").write_text("".join(f"recipe{i}\n" for i in range(60)))
    code, output = invoke(*pair, "--json", "--pools", "20,1000", "--ids", tmp_path / "ids.txt")
    found = json.loads(output)
    assert code == 0 and found["test_pairs"] == 60
    images, recipes = (np.load(path).astype(np.float64) for path in pair)
    distance = (
        images
        / np.linalg.norm(images, axis=1)[:, None]
        @ (recipes / np.linalg.norm(recipes, axis=1)[:, None]).T
    )
    expected = [int((row >= row[i]).sum()) for i, row in enumerate(distance)]
    assert [one["image_to_recipe"] for one in found["ranks"].values()] == expected
    assert found["all"]["image_to_recipe"]["R@1"] == np.mean(np.array(expected) == 1)
    assert found["baselines"]["chance"]["20"]["R@5"] == 0.25
    assert set(found) == {"20", "all", "spread", "pools", "baselines", "test_pairs", "ranks"}


def test_length_does_not_matter(pair, tmp_path):
    images, _ = (np.load(path) for path in pair)
    np.save(tmp_path / "long.npy", images * np.logspace(-200, 200, 60)[:, None])
    assert invoke(pair[0], pair[1], "--json") == invoke(tmp_path / "long.npy", pair[1], "--json")


def test_one_pair_and_whole_numbers(tmp_path):
    np.save(tmp_path / "one.npy", np.array([[3, 4]]))
    code, output = invoke(tmp_path / "one.npy", tmp_path / "one.npy", "--json")
    assert code == 0 and json.loads(output)["all"]["image_to_recipe"]["MedR"] == 1
    assert ranks(np.ones((1, 1), np.float32), np.ones((1, 1), np.float32))[0].tolist() == [1]


def bad(kind: str) -> np.ndarray:
    vectors = np.ones((60, 8))
    if kind in {"nan", "inf"}:
        vectors[7, 3] = float(kind)
    if kind == "zero":
        vectors[7] = 0
    shapes = {"short": vectors[:50], "narrow": vectors[:, :4], "flat": vectors[0], "cube": vectors[None]}
    others = {"text": np.array([["a", "b"]]), "empty": np.zeros((0, 8)), "complex": vectors + 1j}
    return (shapes | others).get(kind, vectors)


@pytest.mark.parametrize(
    "kind, told",
    {
        "nan": "row 7 (from 0) holds NaN or infinity",
        "inf": "row 7 (from 0) holds NaN or infinity",
        "zero": "row 7 (from 0) is zero",
        "short": "60 x 8 and 50 x 8 do not pair up",
        "narrow": "60 x 8 and 60 x 4 do not pair up",
        "flat": "8 float64: needs a row of numbers",
        "cube": "1 x 60 x 8 float64: needs a row of numbers",
        "text": "needs a row of numbers",
        "empty": "0 x 8 float64: needs a row of numbers",
        "complex": "complex128: needs a row of numbers",
    }.items(),
)
def test_what_is_no_embedding_gets_one_line(kind, told, pair, tmp_path):
    np.save(tmp_path / "bad.npy", bad(kind))
    code, output = invoke(pair[0], tmp_path / "bad.npy")
    assert code == 2 and told in output and len(output.splitlines()) == 1


def test_files_that_are_no_arrays_get_one_line(pair, tmp_path):
    np.save(tmp_path / "pickled.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "dump.npy").write_bytes(pickle.dumps([1, 2]))
    (tmp_path / "empty.npy").touch()
    np.savez(tmp_path / "many.npz", a=np.ones((60, 8)))
    (tmp_path / "cut.npy").write_bytes(pair[0].read_bytes()[:1000])
    headers = {
        "unclosed.npy": "{'descr': '<f8', 'fortran_order': False, 'shape': (60, 8, }",
        "brackets.npy": "(" * 5000,
        "bool.npy": "{'descr': '<f8', 'fortran_order': False, 'shape': (True, 480), }",
        "negative.npy": "{'descr': '<f8', 'fortran_order': False, 'shape': (-60, 8), }",
        "longer.npy": "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000, 8), }",
        "objects.npy": "{'descr': '|O', 'fortran_order': False, 'shape': (60, 8), }",
    }
    for name, header in headers.items():
        size = len(header).to_bytes(2, "little")
        start = b"\x93NUMPY\x01\x00" + size + header.encode()
        (tmp_path / name).write_bytes(start + pair[0].read_bytes()[128:])
    others = ("pickled.npy", "dump.npy", "empty.npy", "many.npz", "cut.npy", "absent.npy", ".")
    for name in (*headers, *others):
        code, output = invoke(tmp_path / name, pair[1])
        assert code == 2 and "not an array of numbers in .npy format" in output, name
        assert len(output.splitlines()) == 1, name


def test_ids_and_pools_that_do_not_fit_get_one_line(pair, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("a\nb\n")
    assert "2 ids for 60 pairs" in invoke(*pair, "--ids", ids)[1]
    ids.write_text("a\n" * 60)
    assert "a stands 60 times" in invoke(*pair, "--ids", ids)[1]
    assert "cannot be read as text" in invoke(*pair, "--ids", tmp_path / "none")[1]
    for pools in ("", "0", "1k", "10,-5", "9" * 5000, "1\n0"):
        code, output = invoke(*pair, "--pools", pools)
        assert code == 2 and "give sizes from 1 on" in output and len(output.splitlines()) == 1


def test_damaged_headers_get_a_result_or_one_line(pair, tmp_path):
    """What a header says is data: nothing is unpickled or evaluated, and no memory is taken at its word."""
    whole, random = pair[1].read_bytes(), np.random.default_rng(1)
    for _ in range(150):
        damaged = bytearray(whole)
        for place in random.integers(0, 128, random.integers(1, 6)):
            damaged[place] = random.choice(np.frombuffer(b"(){}[]',:-.09<|Oib\xff\x00", np.uint8))
        (tmp_path / "damaged.npy").write_bytes(damaged)
        code, output = invoke(pair[0], tmp_path / "damaged.npy", "--draws", 1, "--json")
        assert code == 0 or (code == 2 and len(output.splitlines()) == 1), output


IDS = [f"recipe{row}" for row in range(60)]


def table(path, ids, vectors):
    with vector_writer(path, vectors.shape[1]) as append:
        append(ids, np.asarray(vectors, np.float32))
    return path


def names(path, ids):
    path.with_suffix(".json").write_text(json.dumps(ids))


@pytest.fixture
def shuffled(pair, tmp_path):
    """The pair with recipes in another order: the order, and files that tell ids."""
    order = np.random.default_rng(1).permutation(60)
    images, recipes = (np.load(path) for path in pair)
    (tmp_path / "told").mkdir()
    np.save(tmp_path / "told/images.npy", images)
    np.save(tmp_path / "told/recipes.npy", recipes[order])
    names(tmp_path / "told/images.npy", IDS)
    names(tmp_path / "told/recipes.npy", [IDS[row] for row in order])
    table(tmp_path / "told/images.parquet", [f"photos/{id_}.jpg" for id_ in IDS], images)
    table(tmp_path / "told/recipes.parquet", [IDS[row] for row in order], recipes[order])
    return tmp_path / "told"


@pytest.mark.parametrize("images", ["images.npy", "images.parquet"])
@pytest.mark.parametrize("recipes", ["recipes.npy", "recipes.parquet"])
def test_what_embed_wrote_is_joined_by_its_ids(images, recipes, pair, shuffled, tmp_path):
    (tmp_path / "ids.txt").write_text("\n".join(IDS))
    code, output = invoke(shuffled / images, shuffled / recipes, "--json")
    assert code == 0 and list(json.loads(output)["ranks"]) == IDS
    assert (code, output) == invoke(*pair, "--json", "--ids", tmp_path / "ids.txt")


def test_rows_are_pairs_where_one_side_tells_ids_or_ids_are_given(pair, shuffled, tmp_path):
    (tmp_path / "ids.txt").write_text("\n".join(IDS))
    by_row = json.loads(invoke(pair[0], shuffled / "recipes.parquet", "--json")[1])
    assert list(by_row["ranks"]) == pq.read_table(shuffled / "recipes.parquet")["id"].to_pylist()
    given = invoke(
        shuffled / "images.parquet", shuffled / "recipes.npy", "--json", "--ids", tmp_path / "ids.txt"
    )
    assert json.loads(given[1])["all"] == by_row["all"]


@pytest.mark.parametrize(
    "ids, told",
    [
        (IDS[:59], "by their ids there are 1 recipes without a photo, as recipe"),
        (IDS[:59] + ["x"], "1 photos without a recipe, as x and 1 recipes without a photo, as recipe59"),
        (IDS[:59] + ["recipe3"], "recipe3 stands 2 times"),
        ([f"a/{id_}.jpg" for id_ in IDS] + ["b/recipe7.png"], "recipe7 stands 2 times"),
    ],
)
def test_ids_that_do_not_pair_up_get_one_line(ids, told, shuffled, tmp_path):
    images = table(tmp_path / "i.parquet", ids, np.ones((len(ids), 8)))
    code, output = invoke(images, shuffled / "recipes.parquet")
    assert code == 2 and told in output and len(output.splitlines()) == 1


def test_tables_and_names_that_do_not_fit_get_one_line(pair, shuffled, tmp_path):
    (tmp_path / "cut.parquet").write_bytes((shuffled / "images.parquet").read_bytes()[:500])
    (tmp_path / "text.parquet").write_text("no table")
    for name in ("cut.parquet", "text.parquet", "absent.parquet"):
        code, output = invoke(tmp_path / name, pair[1])
        assert code == 2 and "not a table of vectors" in output and len(output.splitlines()) == 1
    names(pair[0], IDS[:9])
    assert "9 names for the 60 rows" in invoke(*pair)[1]
    names(pair[0], {"R@1": 0.5})  # another file of that name
    assert invoke(*pair)[0] == 0
