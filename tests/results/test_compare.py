"""`seje compare`: differences of two files of ranks, against naive loops; files that cannot be compared."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from seje.cli import app
from seje.evaluation.rank_table import rank_table
from seje.retrieval.protocol import PoolRanks

PAIRS = 40
IDS = [f"recipe{row:02}" for row in range(PAIRS)]
WAYS = ("image_to_recipe", "recipe_to_image")


def invoke(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["compare", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def table(seed: int, best: int = PAIRS, partition: str = "test", ids: list[str] = IDS) -> pa.Table:
    """Ranks from 1 to `best`."""
    random = np.random.default_rng(seed)
    rank = (random.integers(1, best + 1, len(ids)) for _ in WAYS)
    return rank_table(partition, ids, PoolRanks(np.arange(len(ids)), *rank))


@pytest.fixture
def files(tmp_path):
    """Two files of one set of pairs, in other orders; the first is much better."""
    one, other = table(1, best=8), table(2)
    pq.write_table(one, tmp_path / "a.parquet")
    pq.write_table(other.take(np.arange(PAIRS)[::-1]), tmp_path / "b.parquet")
    return tmp_path / "a.parquet", tmp_path / "b.parquet"


def naive(path, way: str) -> dict[str, float]:
    ranks = [row[way] for row in pq.read_table(path).to_pylist()]
    recalls = {f"R@{k}": sum(rank <= k for rank in ranks) / len(ranks) for k in (1, 5, 10)}
    return {"MedR": float(np.median(ranks)), **recalls}


def test_the_differences_are_those_of_plain_loops(files):
    code, output, _ = invoke(*files, "--json")
    (found,) = json.loads(output).values()
    assert code == 0 and found["pairs"] == PAIRS
    measured = [{way: naive(path, way) for way in WAYS} for path in files]
    for side in measured:
        side["both"] = {name: np.mean([side[way][name] for way in WAYS]) for name in side[WAYS[0]]}
    for way, measures in found["differences"].items():
        for name, of in measures.items():
            a, b = (side[way][name] for side in measured)
            assert (of["a"], of["b"], of["difference"]) == pytest.approx((a, b, a - b))
            assert of["low"] <= of["difference"] <= of["high"]
            assert of["differs"] == (of["low"] > 0 or of["high"] < 0)
    assert set(found["differences"]) == {"both", *WAYS}
    assert found["differences"]["both"]["R@10"]["differs"]


def test_the_interval_is_that_of_pairs_drawn_again_by_a_loop(files):
    found = json.loads(invoke(*files, "--json")[1])["test"]["differences"]["recipe_to_image"]["R@5"]
    one, other = (
        {row["id"]: row["recipe_to_image"] for row in pq.read_table(path).to_pylist()} for path in files
    )
    random, drawn = np.random.default_rng(7), []
    for _ in range(2000):
        asked = [IDS[row] for row in random.integers(PAIRS, size=PAIRS)]
        drawn.append(sum((one[id_] <= 5) - (other[id_] <= 5) for id_ in asked) / PAIRS)
    assert np.quantile(drawn, (0.025, 0.975)) == pytest.approx((found["low"], found["high"]), abs=0.06)


def test_the_table_says_who_is_better(files):
    code, output, _ = invoke(*files)
    assert code == 0 and f"A less B among {PAIRS} test pairs" in output and "A better" in output
    assert "B better" in invoke(*reversed(files))[1]
    same = invoke(files[0], files[0])[1]
    assert "better" not in same and same.count("not told") >= 12


def test_each_partition_that_both_have_is_compared_or_the_one_asked_for(files, tmp_path):
    more = tmp_path / "more.parquet"
    pq.write_table(pa.concat_tables([table(3, partition="val"), table(4)]), more)
    assert list(json.loads(invoke(more, more, "--json")[1])) == ["val", "test"]
    assert list(json.loads(invoke(more, more, "--json", "--partition", "val")[1])) == ["val"]
    assert list(json.loads(invoke(more, files[0], "--json")[1])) == ["test"]
    code, _, error = invoke(more, files[0], "--partition", "val")
    assert code == 2 and "do not share ranks of val" in error and len(error.splitlines()) == 1
    assert "a.parquet has test" in error and "more.parquet has val and test" in error


def test_ranks_among_other_candidates_are_refused(files, tmp_path):
    fewer = tmp_path / "fewer.parquet"
    pq.write_table(table(1, best=8, ids=[*IDS[:30], "another"]), fewer)
    code, _, error = invoke(files[0], fewer)
    assert code == 2 and len(error.splitlines()) == 1
    assert f"10 of 40 are in {files[0]} alone, 1 of 31 in {fewer} alone" in error
    whole = tmp_path / "whole.parquet"
    pq.write_table(table(1, partition="all"), whole)
    code, _, error = invoke(files[0], whole)
    assert code == 2 and "do not share a partition" in error and len(error.splitlines()) == 1


def altered(kind: str) -> pa.Table:
    good = table(1)
    ids = good["id"].to_pylist()
    return {
        "twice": good.set_column(1, "id", pa.array([ids[1], *ids[1:]])),
        "too large": good.set_column(2, WAYS[0], pa.array([PAIRS + 1] * PAIRS)),
        "none": good.set_column(2, WAYS[0], pa.array([None] * PAIRS, pa.int64())),
        "zero": good.set_column(2, WAYS[0], pa.array([0] * PAIRS)),
        "text": good.set_column(2, WAYS[0], pa.array(["x"] * PAIRS)),
        "other columns": good.rename_columns(["partition", "recipe", "a", "b"]),
        "empty": good.slice(0, 0),
    }[kind]


@pytest.mark.parametrize("kind", ["twice", "too large", "none", "zero", "text", "other columns", "empty"])
def test_a_table_of_something_else_is_one_line(files, tmp_path, kind):
    pq.write_table(altered(kind), tmp_path / "odd.parquet")
    code, _, error = invoke(files[0], tmp_path / "odd.parquet")
    assert code == 2 and "odd.parquet: no ranks (" in error and len(error.splitlines()) == 1


@pytest.mark.parametrize("kind", ["text", "cut", "nothing", "folder", "absent"])
def test_a_file_that_is_no_parquet_is_one_line(files, tmp_path, kind):
    path = tmp_path / "odd.parquet"
    if kind == "folder":
        path.mkdir()
    elif kind != "absent":
        whole = files[0].read_bytes()
        path.write_bytes({"text": b"partition,id\n", "cut": whole[:-9], "nothing": b""}[kind])
    code, _, error = invoke(path, files[0])
    assert code == 2 and "odd.parquet: " in error and len(error.splitlines()) == 1
