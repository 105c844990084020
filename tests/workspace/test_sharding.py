"""Runs of a stage in shards, one after another and side by side."""

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from seje.shards import manifest
from seje.shards.work import Made
from seje.workspace import files, paths
from seje.workspace.sharding import LOCAL, Sharded

OUT = Path("pipeline/images/rows.npy")


class Rows:
    """Writes the rows of a shard."""

    def reads(self, task):
        return ""

    def __call__(self, task, folder, notes):
        np.save(folder / "rows.npy", np.arange(task.first, task.first + task.rows))
        return Made({"rows.npy": task.rows}, {})


@pytest.fixture(autouse=True)
def corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.write_table(paths.Corpus.RECIPES, pa.table({"id": ["a", "b", "c"]}))


def shards() -> list[Path]:
    return list(paths.shards().glob("*/*"))


def make(sharded: Sharded):
    return sharded.make("rows", partial(Rows), "cpu", "rows")


def test_runs_side_by_side_leave_each_other_what_they_are_at():
    one, two = (Sharded("images", {}, [paths.Corpus.RECIPES], LOCAL) for _ in range(2))
    make(one)
    records = make(two)
    one.done()
    two.take(OUT, "rows", records, "rows.npy")
    assert np.load(manifest.parts(OUT)[0]).tolist() == [0, 1, 2]
    assert len(shards()) == 1
    two.done()
    assert shards() == []


def test_a_run_that_failed_keeps_its_shards_for_the_next_one_to_clear():
    failed = Sharded("images", {}, [paths.Corpus.RECIPES], LOCAL)
    make(failed)
    del failed
    assert len(shards()) == 1
    following = Sharded("images", {}, [paths.Corpus.RECIPES], LOCAL)
    following.take(OUT, "rows", make(following), "rows.npy")
    following.done()
    assert shards() == [] and np.load(OUT).tolist() == [0, 1, 2]
