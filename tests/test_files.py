import json
import os

import numpy as np
import pyarrow as pa
import pytest
import torch

from seje import files
from seje.errors import SejeError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    files.write_json(path, {"old": 1})
    with pytest.raises(RuntimeError), files.atomic(path) as part:
        part.write_text("half")
        raise RuntimeError
    assert json.loads(path.read_text()) == {"old": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_is_replaced_whole(tmp_path):
    for name in ("first", "second"):
        with files.atomic(tmp_path / "folder") as part:
            part.mkdir()
            (part / name).touch()
    assert [entry.name for entry in (tmp_path / "folder").iterdir()] == ["second"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_what_a_killed_process_left_does_not_disturb(tmp_path):
    (tmp_path / ".part-a").mkdir()
    with files.atomic(tmp_path / "a") as part:
        part.write_text("whole")
    assert (tmp_path / "a").read_text() == "whole"


@pytest.mark.parametrize("umask", [0o022, 0o027])
def test_files_have_the_mode_of_any_other_file(tmp_path, umask):
    old = os.umask(umask)
    try:
        (tmp_path / "usual").touch()
        files.write_weights(tmp_path / "a.safetensors", {"w": torch.zeros(2)}, {"size": 2})
        files.write_array(tmp_path / "a.npy", np.zeros(2))
    finally:
        os.umask(old)
    modes = {entry.name: entry.stat().st_mode & 0o777 for entry in tmp_path.iterdir()}
    names = ("usual", "a.safetensors", "a.json", "a.npy")
    assert modes == dict.fromkeys(names, 0o666 & ~umask)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("nan")])
def test_metrics_are_finite(tmp_path, value):
    with pytest.raises(ValueError, match="finite"):
        files.write_json(tmp_path / "m.json", {"a": [value]})


def test_numbers_of_numpy_are_plain_json(tmp_path):
    files.write_json(tmp_path / "m.json", {"a": np.float32(0.1), "b": np.int64(3), "c": (1 / 3, True, None)})
    assert json.loads((tmp_path / "m.json").read_text()) == {"a": 0.1, "b": 3, "c": [0.333333, True, None]}


def test_a_missing_input_names_the_stage_that_makes_it(tmp_path):
    with pytest.raises(SejeError, match=r"x\.npy is missing: run `dvc repro ranking`"):
        files.read_array(tmp_path / "x.npy", "ranking")


def test_rows_are_written_in_batches_and_in_order(tmp_path):
    path = tmp_path / "t.parquet"
    with files.table_rows(path, pa.schema({"n": pa.int64()}), batch=3) as append:
        for n in range(10):
            append({"n": n})
    assert files.read_table(path, "corpus")["n"].to_pylist() == list(range(10))
