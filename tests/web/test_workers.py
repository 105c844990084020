"""`seje serve --workers`: processes that share a socket, live and die together, and count together."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import psutil
import pytest
from conftest import ROOT
from typer.testing import CliRunner

from seje.cli import app as cli

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "seje", "serve", "--port", "0", "--workers", "2"]


@pytest.fixture
def away(small_pipeline, tmp_path):
    for name in ("model", "index"):
        shutil.copytree(small_pipeline / "pipeline" / name, tmp_path / name)
    return tmp_path


@contextmanager
def serving(folder, *more):
    """A server of its own process group, as a terminal gives it; its process, its address, what it tells."""
    folders = ["--model", "model", "--index", "index"]
    told = folder / "told"
    with told.open("w") as file:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        running = subprocess.Popen(
            [*COMMAND, *folders, *more], cwd=folder, env=environment, stderr=file, start_new_session=True
        )
    try:
        while not (address := re.search(r"http://127.0.0.1:\d+", told.read_text())):
            assert running.poll() is None, told.read_text()
            time.sleep(0.05)
        yield psutil.Process(running.pid), address[0], told
    finally:
        running.kill()
        running.wait()


def workers(process):
    return [one for one in process.children() if "spawn_main" in command(one)]


def command(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has ended
        return ""


def until(true):
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("waited for a minute")


def test_workers_count_together_and_one_that_dies_is_replaced(away):
    with serving(away, "--token", "secret") as (process, address, told):
        first = workers(process)
        assert len(first) == 2 and told.read_text().count("\n") == 1
        key = {"authorization": "Bearer secret"}
        for _ in range(10):
            assert httpx.get(f"{address}/search?q=soup&k=1", headers=key).status_code == 200
            assert httpx.get(f"{address}/search?q=soup&k=1").status_code == 401
        first[0].kill()
        until(lambda: len(workers(process)) == 2 and first[0].pid not in {w.pid for w in workers(process)})
        assert f"Worker {first[0].pid} ended (signal 9): another is started" in told.read_text()
        until(lambda: len(workers(process)) == 2)
        assert httpx.get(f"{address}/search?q=soup&k=1", headers=key, timeout=60).status_code == 200
        told_now = httpx.get(f"{address}/metrics", headers=key).text
        assert 'route="/search",status="200"} 11.0' in told_now
        assert 'route="other",status="401"} 10.0' in told_now
        assert "seje_waiting 0.0" in told_now


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_told_to_stop_all_end_without_a_traceback(away, number):
    with serving(away) as (process, address, told):
        held = workers(process)
        assert httpx.get(f"{address}/health").status_code == 200
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        assert process.wait(timeout=20) == 0
        assert not psutil.wait_procs(held, timeout=5)[1]
        assert "Traceback" not in told.read_text()


def test_workers_do_not_outlive_the_one_that_watches_them(away):
    with serving(away) as (process, _, __):
        held = workers(process)
        process.kill()
        assert not psutil.wait_procs(held, timeout=20)[1]


def test_what_cannot_be_read_is_told_once(away):
    weights = away / "model" / "towers.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    done = ended(away)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "towers.safetensors is not the file that belongs to this model" in done.stderr
    shutil.rmtree(away / "model")
    done = ended(away)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "no model" in done.stderr


def ended(folder):
    command = [*COMMAND, "--model", "model", "--index", "index"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100)


def test_a_file_of_milvus_is_for_one_process(away, monkeypatch):
    facts = json.loads((away / "index/index.json").read_text())
    (away / "index/index.json").write_text(json.dumps(facts | {"uri": "milvus.db"}))
    monkeypatch.chdir(away)
    done = CliRunner().invoke(cli, ["serve", *COMMAND[4:], "--index", "index", "--model", "model"])
    assert done.exit_code == 2 and "milvus.db, a file of Milvus that one process alone" in done.stderr
