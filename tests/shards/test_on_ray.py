"""Ray: three nodes make what this machine makes, whichever of them is lost, and whoever began."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import yaml
from conftest import run_stages, small_params
from typer.testing import CliRunner
from work_to_do import seer

from seje.cli import app
from seje.errors import SejeError
from seje.shards import keeping, manifest
from seje.shards.work import Task
from seje.workspace import paths

SHARDS = 40
RECORDS = "checkpoints/shards/images/*/packed/[0-9]*.json"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A kitchen's corpus in many shards, with the photos that this machine packs from it."""
    folder = tmp_path_factory.mktemp("kitchen")
    (folder / "params.yaml").write_text(
        small_params(
            kitchen={"recipes": 4 * SHARDS, "pixels": 96, "labelled_train": 1, "labelled_test": 1},
            corpus={"shard": 4, "leaks": "drop"},
            images={"size": 224},
            cluster={"engine": "local"},
        )
    )
    run_stages(folder, ["kitchen", "corpus", "images"])
    return folder


@pytest.fixture
def kitchen(small, tmp_path, monkeypatch) -> Path:
    """The same without photos; the working directory."""
    folder = tmp_path / "kitchen"
    shutil.copytree(small, folder)
    shutil.rmtree(folder / "pipeline/images")
    monkeypatch.chdir(folder)
    return folder


def set_engine(name: str, store: str | None = None) -> None:
    given = yaml.safe_load(Path("params.yaml").read_text())
    given["cluster"] = {"engine": name, "store": store}
    Path("params.yaml").write_text(yaml.safe_dump(given))


def run_images() -> str:
    """Run the stage in this process; what it says."""
    done = CliRunner().invoke(app, ["images"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def hashes(folder: Path) -> dict[str, str]:
    """What a stage wrote: its shards, tables and metrics."""
    found = [*folder.glob("pipeline/images/*"), folder / "metrics/images.json"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(found)}


def records() -> int:
    return len(list(Path().glob(RECORDS)))


def wait_for(what: Callable[[], object]) -> None:
    for _ in range(6000):
        if what():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to that in a minute")


@pytest.mark.slow
def test_three_nodes_make_the_same_bytes(small, kitchen, on_nodes):
    set_engine("auto")
    said = run_images()
    assert hashes(kitchen) == hashes(small) and len(hashes(small)) > SHARDS
    assert f"shards of photos: {SHARDS} in" in said and "were there" not in said
    wait_for(lambda: not on_nodes.workers())


@pytest.mark.slow
def test_nodes_write_the_same_shards_to_s3(small, kitchen, on_nodes, bucket):
    set_engine("ray", f"{bucket}/ray")
    run_images()
    stored, beside = (manifest.read(folder / paths.Images.PHOTOS) for folder in (kitchen, small))
    assert [file.sha256 for file in stored.files] == [file.sha256 for file in beside.files]
    assert not any(verdict.wrong for verdict in keeping.verify(stored))
    assert not list(Path("pipeline/images").glob("*.arrow"))


@pytest.mark.slow
def test_a_node_that_is_lost_is_done_without(small, kitchen, on_nodes):
    set_engine("ray")
    seen = []

    def lose() -> None:
        wait_for(lambda: records() > 2)
        on_nodes.lose()
        seen.append(records())

    thief = threading.Thread(target=lose)
    thief.start()
    run_images()
    thief.join()
    on_nodes.replace()
    assert hashes(kitchen) == hashes(small)
    assert 2 < seen[0] < SHARDS


@pytest.mark.slow
@pytest.mark.parametrize("first, second", [("ray", "local"), ("local", "ray")])
def test_a_driver_that_is_killed_is_resumed_by_the_other_engine(small, kitchen, on_nodes, first, second):
    set_engine(first)
    others = set(on_nodes.workers())  # of runs of this process, whose actors end when they are collected
    driver = psutil.Popen([sys.executable, "-m", "seje", "images"], stderr=subprocess.DEVNULL)
    wait_for(lambda: records() > 2)
    family = driver.children(recursive=True) + [one for one in on_nodes.workers() if one not in others]
    driver.kill()
    driver.wait()
    assert family and not psutil.wait_procs(family, timeout=30)[1]
    kept = records()
    assert 2 < kept < SHARDS and not Path("pipeline/images/made_of.json").exists()
    set_engine(second)
    assert f"photos: {kept} of {SHARDS} shards were there" in run_images()
    assert hashes(kitchen) == hashes(small)


@pytest.mark.slow
def test_a_device_has_a_worker_of_its_own(on_nodes):
    from seje.shards import on_ray

    found = list(on_ray.run(seer, [Task(number, 0, 0) for number in range(3)], gpu=True))
    assert len({worker for worker, _, _ in found}) == 1
    assert [(devices, threads) for _, devices, threads in found] == [("0", 3)] * 3


@pytest.mark.slow
def test_a_node_that_does_not_see_the_working_folder_says_so(on_nodes, tmp_path, monkeypatch):
    from seje.shards import on_ray

    monkeypatch.setattr(on_ray.os, "getcwd", lambda: str(tmp_path / "elsewhere"))
    with pytest.raises(SejeError, match="does not see the working folder .*/elsewhere"):
        list(on_ray.run(seer, [Task(0, 0, 0)], gpu=False))


@pytest.mark.slow
@pytest.mark.parametrize(
    "address, told",
    [
        ("", "RAY_ADDRESS is not set"),
        ("127.0.0.1:1", "RAY_ADDRESS 127.0.0.1:1: no cluster answers .*refused"),
        ("nonsense", "RAY_ADDRESS nonsense: no cluster answers"),
    ],
)
def test_a_cluster_that_is_not_there_is_one_line(kitchen, address, told):
    pytest.importorskip("ray", reason="no Ray: pip install 'seje[ray]'")
    set_engine("ray")
    command = [sys.executable, "-m", "seje", "images"]
    done = subprocess.run(command, env=os.environ | {"RAY_ADDRESS": address}, capture_output=True, text=True)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert re.search(told, done.stderr)


def test_without_ray_it_says_what_to_install(kitchen, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "seje.shards.on_ray", raising=False)
    monkeypatch.delattr("seje.shards.on_ray", raising=False)
    set_engine("ray")
    done = CliRunner().invoke(app, ["images"])
    assert done.exit_code == 2
    assert done.stderr == "seje: cluster.engine is ray, but Ray is missing: pip install 'seje[ray]'\n"


def test_auto_is_ray_where_an_address_is_set(monkeypatch):
    from seje.shards.engine import engine

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert engine("auto").name == engine("local").name == "local" and engine("ray").name == "ray"
    monkeypatch.setenv("RAY_ADDRESS", "somewhere:6379")
    assert engine("auto").name == "ray" and engine("local").name == "local"
