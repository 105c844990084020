"""What every engine does: order, one worker made a process, errors as they are, deaths survived."""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
from work_to_do import Squares

from seje.errors import SejeError
from seje.shards import local
from seje.shards.engine import Engine
from seje.shards.place import Place
from seje.shards.work import Task, Worker

TASKS = [Task(number, 10 * number, 10) for number in range(5)]
SQUARES = [[row**2 for row in range(task.first, task.first + task.rows)] for task in TASKS]


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))


LOCAL = ["here", 1, 2]


@pytest.fixture(params=[*LOCAL, pytest.param("ray", marks=pytest.mark.slow)])
def run(request, tmp_path):
    """Make the shards of `Squares(**how)`: in this process, in one other or in two, on three nodes of Ray."""
    if request.param == "ray":
        request.getfixturevalue("on_nodes")

    def made(**how):
        make = partial(Worker, partial(Squares, tmp_path, **how), Place(str(tmp_path / "shards")))
        if request.param == "here":
            return list(map(make(), TASKS))
        if request.param == "ray":
            from seje.shards import on_ray

            return list(on_ray.run(make, TASKS, gpu=False))
        return list(local.run(make, TASKS, request.param))

    made.apart = request.param != "here"
    return made


def squares(folder, records):
    return [np.load(folder / "shards" / record.files["squares.npy"].name).tolist() for record in records]


def calls(folder):
    return len(list(folder.glob("call-*")))


def test_results_are_in_order_and_each_worker_is_made_once(run, tmp_path):
    records = [record for record, _ in run()]
    assert [record.number for record in records] == [0, 1, 2, 3, 4]
    assert squares(tmp_path, records) == SQUARES
    assert calls(tmp_path) == 5
    made = [path.name.split("-")[1] for path in tmp_path.glob("made-*")]
    assert 1 <= len(made) <= 3 and len(set(made)) == len(made)


def test_what_is_done_is_not_done_again(run, tmp_path):
    run()
    assert [made for _, made in run()] == [False] * 5
    assert calls(tmp_path) == 5


@pytest.mark.parametrize("run", LOCAL, indirect=True)
@pytest.mark.parametrize("harm", ["cut", "flip", "gone", "record", "read"])
def test_what_is_not_as_written_is_made_again(run, tmp_path, harm):
    records = [record for record, _ in run()]
    path = tmp_path / "shards" / records[2].files["squares.npy"].name
    data = path.read_bytes()
    if harm == "cut":
        path.write_bytes(data[:-1])
    elif harm == "flip":
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif harm == "gone":
        path.unlink()
    elif harm == "record":
        (tmp_path / "shards/00002.json").write_text("{")
    else:
        (tmp_path / "read").write_text("other photos")
    again = run()
    assert [made for _, made in again] == (
        [True] * 5 if harm == "read" else [False, False, True, False, False]
    )
    assert squares(tmp_path, [record for record, _ in again]) == SQUARES


@pytest.mark.parametrize("error", [SejeError, OSError, EOFError])
def test_an_error_of_the_work_is_raised_as_it_is_and_not_tried_again(run, tmp_path, error):
    with pytest.raises(error, match="^row 23 is wrong"):
        run(wrong=23, error=error)
    assert len(list(tmp_path.glob("call-2-*"))) == 1


def test_a_worker_that_dies_is_replaced(run, tmp_path):
    if not run.apart:
        pytest.skip("this process would die")
    records = [record for record, _ in run(deadly=23, deaths=2)]
    assert squares(tmp_path, records) == SQUARES
    assert len(list(tmp_path.glob("call-2-*"))) == 3
    assert not list((tmp_path / "shards").glob("*.at"))
    left = list((tmp_path / "shards").glob(".part-*"))
    Place(str(tmp_path / "shards")).tidy()
    assert len(left) == 2 and all(path.exists() for path in left)  # of another run, for all it knows
    for path in left:
        os.utime(path, (0, 0))
    Place(str(tmp_path / "shards")).tidy()
    assert not any(path.exists() for path in left)


def test_a_worker_that_dies_while_it_is_made_is_replaced(run, tmp_path):
    if not run.apart:
        pytest.skip("this process would die")
    assert squares(tmp_path, [record for record, _ in run(frail=True)]) == SQUARES


def test_what_has_killed_three_workers_is_set_aside(run, tmp_path):
    if not run.apart:
        pytest.skip("this process would die")
    records = [record for record, _ in run(deadly=23, deaths=100)]
    assert [record.counts["aside"] for record in records] == [[], [], [23], [], []]
    expected = [[square for square in shard if square != 23**2] for shard in SQUARES]
    assert squares(tmp_path, records) == expected
    assert len(list(tmp_path.glob("call-2-*"))) == 4  # three died


@pytest.mark.parametrize("pool", ["seje.shards.local.run", "seje.data.parallel.map_processes"])
def test_a_parent_that_is_killed_leaves_no_process(tmp_path, pool):
    module, _, name = pool.rpartition(".")
    script = f"""
from functools import partial
import time
from {module} import {name}

if __name__ == "__main__":
    for _ in {name}(partial(partial, time.sleep), [600, 600], 2):
        pass
"""
    (tmp_path / "parent.py").write_text(script)
    parent = subprocess.Popen([sys.executable, tmp_path / "parent.py"])
    started = psutil.Process(parent.pid)
    wait_for(lambda: len(started.children(recursive=True)) >= 3)  # two workers, and the tracker of resources
    time.sleep(1)
    children = started.children(recursive=True)
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive


def wait_for(what):
    for _ in range(300):
        if what():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to that in 30 s")


def test_a_single_shard_of_work_that_cannot_die_is_made_in_this_process(tmp_path):
    work = partial(Squares, tmp_path)
    Engine("local").make(work, TASKS[:1], Place(str(tmp_path / "one")), "cpu", "numbers")
    assert len(list(tmp_path.glob(f"made-{os.getpid()}-*"))) == 1
    Engine("local").make(work, TASKS[:1], Place(str(tmp_path / "two")), "apart", "numbers")
    assert len(list(tmp_path.glob("made-*"))) == 2
