import errno
import json
import os
import resource
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pytest
import torch

from seje.data.arrays import new_array
from seje.errors import SejeError
from seje.index.faiss_index import Index
from seje.photos.store import Photos, store_writer
from seje.text import vectors
from seje.workspace import checkpoints, files


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


@contextmanager
def room_for(size):
    """As on a full disk: no file may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


NOISE = np.random.default_rng(0).random((1000, 64), np.float32)
BYTES = [row.tobytes() for row in NOISE]


def write_rows(path):
    with files.table_rows(path, pa.schema({"b": pa.binary()}), batch=100) as add:
        for row in BYTES:
            add({"b": row})


def write_store(path):
    with files.atomic(path) as part, store_writer(part, 16) as keep:
        for row, jpeg in enumerate(BYTES):
            keep({"photo": "a.jpg", "recipe": row, "partition": "train", "jpeg": jpeg})


def write_new_array(path):
    with files.atomic(path) as part:
        new_array(part, np.float32, NOISE.shape)[:] = NOISE


def write_index(path):
    with files.atomic(path) as part:
        Index.build(NOISE, "flat").save(part)


def write_vectors(path):
    from gensim.models import KeyedVectors

    stored = KeyedVectors(NOISE.shape[1])
    stored.add_vectors([f"word{row}" for row in range(len(NOISE))], NOISE)
    with files.atomic(path) as part:
        stored.save_word2vec_format(str(part), binary=True)


def write_weights(path):
    files.write_weights(path, {"w": torch.from_numpy(NOISE)}, {"size": 64})


WRITERS = {
    "json": lambda path: files.write_json(path, NOISE[:200].tolist()),
    "array": lambda path: files.write_array(path, NOISE),
    "new_array": write_new_array,
    "table": lambda path: files.write_table(path, pa.table({"b": BYTES})),
    "rows": write_rows,
    "weights": write_weights,
    "store": write_store,
    "index": write_index,
    "vectors": write_vectors,
    "checkpoint": lambda path: checkpoints.save(path, {"w": torch.from_numpy(NOISE)}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_told_and_the_old_file_stays(tmp_path, name):
    path = tmp_path / "a.safetensors"
    path.write_text("old")
    with room_for(50_000), pytest.raises(OSError) as error:
        WRITERS[name](path)
    assert (error.value.errno, error.value.filename) == (errno.EFBIG, str(path))
    assert path.read_text() == "old" and [entry.name for entry in tmp_path.iterdir()] == [path.name]


READERS = {
    "json": lambda path: files.read_json(path, "joint"),
    "array": lambda path: files.read_array(path, "joint"),
    "table": lambda path: files.read_table(path, "joint"),
    "rows": lambda path: list(files.read_batches(path, "joint")),
    "weights": lambda path: files.read_weights(path, "joint"),
    "store": Photos,
    "index": Index.load,
    "vectors": vectors.load,
}


@pytest.mark.parametrize("share", [0, 0.01, 0.4, 0.9, 0.999])
@pytest.mark.parametrize("name", READERS)
def test_a_truncated_file_is_told_in_one_line(tmp_path, name, share):
    path = tmp_path / "a.safetensors"
    WRITERS[name](path)
    READERS[name](path)
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(SejeError, match="run `dvc repro ") as error:
        READERS[name](path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_readers_of_parts_tell_of_damage_too(tmp_path):
    WRITERS["rows"](tmp_path / "t.parquet")
    os.truncate(tmp_path / "t.parquet", 30_000)
    for read in (files.count_rows, lambda *place: files.read_row(*place, 3)):
        with pytest.raises(SejeError, match=r"t\.parquet is damaged .* run `dvc repro corpus`"):
            read(tmp_path / "t.parquet", "corpus")


def test_an_array_takes_its_room_before_it_is_filled(tmp_path):
    array = new_array(tmp_path / "a.npy", np.float32, (512, 1024))
    assert (tmp_path / "a.npy").stat().st_blocks * 512 >= array.nbytes
    array[:] = 1
    array.flush()
    assert np.load(tmp_path / "a.npy").sum() == 512 * 1024
    files.write_array(tmp_path / "none.npy", np.zeros((0, 3), np.float16))
    assert files.read_array(tmp_path / "none.npy", "index").shape == (0, 3)
