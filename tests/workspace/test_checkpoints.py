import json
import os
import shutil
import subprocess
import sys
import time

import grimp
import pytest
import torch
from conftest import ROOT

from seje.workspace import checkpoints, closure


def test_fingerprint_names_params_and_contents(tmp_path):
    file = tmp_path / "input"
    file.write_bytes(b"one")
    first = checkpoints.fingerprint("joint", {"a": 1, "b": 0.5}, [file])
    assert len(first) == 16 and int(first, 16) >= 0
    assert first == checkpoints.fingerprint("joint", json.loads('{"b": 0.5, "a": 1}'), [file])
    assert first != checkpoints.fingerprint("joint", {"a": 2, "b": 0.5}, [file])
    file.write_bytes(b"two")
    assert first != checkpoints.fingerprint("joint", {"a": 1, "b": 0.5}, [file])


def test_fingerprint_knows_which_file_is_which(tmp_path):
    for name, content in (("a", b"12"), ("b", b"3"), ("c", b"1"), ("d", b"23")):
        (tmp_path / name).write_bytes(content)
    pairs = [[tmp_path / name for name in names] for names in ("ab", "cd", "ba")]
    assert len({checkpoints.fingerprint("joint", {}, pair) for pair in pairs}) == 3


def test_a_state_comes_back(tmp_path):
    path = tmp_path / "folder/state.pt"
    assert checkpoints.load(path) is None
    state = {"epoch": 3, "model": {"w": torch.arange(4.0)}, "notes": [None, "x", 0.5]}
    checkpoints.save(path, {"epoch": 2})
    checkpoints.save(path, state)
    loaded = checkpoints.load(path)
    assert torch.equal(loaded.pop("model")["w"], state["model"]["w"])
    assert loaded == {"epoch": 3, "notes": [None, "x", 0.5]}
    assert [file.name for file in path.parent.iterdir()] == ["state.pt"]
    checkpoints.remove(path)
    checkpoints.remove(path)
    assert not path.exists()


def test_a_damaged_state_is_none_and_said(tmp_path, capsys):
    path = tmp_path / "state.pt"
    checkpoints.save(path, {"w": torch.arange(1000.0)})
    whole = path.read_bytes()
    for content in (b"", b"nonsense", whole[:100], whole[: len(whole) // 2], whole[:-30]):
        path.write_bytes(content)
        assert checkpoints.load(path) is None
        assert "damaged" in capsys.readouterr().err
    torch.save([1, 2], path)
    assert checkpoints.load(path) is None


def test_fingerprint_covers_the_code_that_the_stage_runs_and_no_other(tmp_path, monkeypatch):
    """A loss that was changed must not go on from the old one's weights."""
    shutil.copytree(ROOT / "seje", tmp_path / "seje")
    before = {stage: checkpoints.fingerprint(stage, {}, []) for stage in ("joint", "instructions")}
    monkeypatch.setattr(closure, "ROOT", tmp_path / "seje")
    assert {stage: checkpoints.fingerprint(stage, {}, []) for stage in before} == before
    losses = tmp_path / "seje/joint/losses.py"
    losses.write_text(losses.read_text() + "\nMARGIN = 100\n")
    after = {stage: checkpoints.fingerprint(stage, {}, []) for stage in before}
    assert after["joint"] != before["joint"] and after["instructions"] == before["instructions"]


@pytest.mark.parametrize("package", ["torch", "pillow"])
def test_fingerprint_covers_the_versions_of_what_computes(monkeypatch, package):
    before, version = checkpoints.fingerprint("joint", {}, []), checkpoints.version
    monkeypatch.setattr(checkpoints, "version", lambda name: "0.0.1" if name == package else version(name))
    assert checkpoints.fingerprint("joint", {}, []) != before


@pytest.mark.parametrize("stage", ["categories", "instructions", "joint"])
def test_the_code_of_a_stage_is_all_that_it_imports(stage):
    graph = grimp.build_graph("seje")
    behind = graph.find_upstream_modules(f"seje.{stage}.stage") | {f"seje.{stage}.stage"}
    paths = [path.relative_to(ROOT).with_suffix("") for path in closure.closure(f"seje.{stage}.stage")]
    names = {".".join(path.parts) for path in paths}
    assert {name.removesuffix(".__init__") for name in names} >= behind - {"seje"}


def test_states_of_other_runs_are_told_and_old_ones_deleted(tmp_path, capsys):
    for name in ("joint-1", "joint-2", "categories-1"):
        checkpoints.save(tmp_path / f"{name}.pt", {"epoch": 1})
    old = time.time() - 15 * 24 * 3600
    os.utime(tmp_path / "joint-2.pt", (old, old))
    os.utime(tmp_path / "categories-1.pt", (old, old))
    assert checkpoints.load(tmp_path / "joint-3.pt") is None
    assert "joint: 1 unfinished run is of other settings, data or code" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"joint-1.pt", "categories-1.pt"}
    assert checkpoints.load(tmp_path / "joint-1.pt") == {"epoch": 1}
    assert capsys.readouterr().err == ""


def test_to_name_a_run_takes_no_torch():
    """Its import takes seconds of every stage that keeps shards and does not train."""
    code = "import sys, seje.images.stage; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
