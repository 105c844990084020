"""Who has a file of Milvus Lite open: told by process and command, by each command that would open it."""

import fcntl
import json
import os
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from conftest import ROOT, small_params
from typer.testing import CliRunner

from seje.cli import app
from seje.errors import SejeError
from seje.index.lock_holder import lock_holder
from seje.index.milvus import Milvus

HOLD = """
import sys, numpy as np
from seje.index.milvus import Milvus
held = Milvus.build(sys.argv[1], "seje_recipes", "a", np.eye(4, dtype=np.float32))
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(uri):
    """A process that has the file open."""
    command = [sys.executable, "-c", HOLD, str(uri), "--token", "secret"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()


def test_a_lock_is_told_by_process_and_command(tmp_path):
    path = tmp_path / "LOCK"
    path.touch()
    assert lock_holder(path) == lock_holder(tmp_path / "none") == "another process"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert lock_holder(path).startswith(f"process {os.getpid()} (")


def test_a_file_in_use_is_told_in_a_line_and_free_again_it_opens(tmp_path, capfd):
    uri = tmp_path / "milvus.db"
    with held(uri) as process:
        for open_it in (Milvus, lambda *given: Milvus.build(*given, np.eye(4, dtype=np.float32))):
            with pytest.raises(SejeError) as told:
                open_it(str(uri), "seje_recipes", "a")
            assert f"{uri} is in use by process {process.pid} ({sys.executable} -c" in str(told.value)
            assert "secret" not in str(told.value) and "Traceback" not in capfd.readouterr().err
    again = Milvus(str(uri), "seje_recipes", "a")
    assert len(again) == 4
    again.close()


def test_a_file_that_is_none_of_milvus_is_told_with_its_reason(tmp_path, capfd):
    (tmp_path / "milvus.db").write_text("no database")
    with pytest.raises(SejeError, match=r"Milvus cannot be opened \(.*File exists.*\)"):
        Milvus(str(tmp_path / "milvus.db"), "seje_recipes", "a")
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.slow
def test_each_command_tells_it(small_pipeline, tmp_path, monkeypatch):
    import shutil

    shutil.copytree(small_pipeline, tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")
    params = small_params(ranking={"words": 16}, index={"uri": "milvus.db"})
    (tmp_path / "small/params.yaml").write_text(params)
    facts = json.loads((tmp_path / "small/pipeline/index/index.json").read_text())
    (tmp_path / "small/pipeline/index/index.json").write_text(json.dumps(facts | {"uri": "milvus.db"}))
    folders = ["--model", "pipeline/model", "--index", "pipeline/index"]
    with held(tmp_path / "small/pipeline/index/milvus.db") as process:
        for command in (["search", "soup", *folders], ["serve", "--port", "0", *folders], ["index"]):
            done = CliRunner().invoke(app, command)
            assert done.exit_code == 2 and f"is in use by process {process.pid} (" in done.stderr, command
            assert len([line for line in done.stderr.splitlines() if "seje:" in line]) == 1
