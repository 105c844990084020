"""The three uses, with the real dvc and git: `dvc repro`, `dvc exp run -S`, `dvc metrics diff main`."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, small_params

pytestmark = pytest.mark.slow
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "CI": "true"}
Run = Callable[..., str]


def run_in(folder: Path) -> Run:
    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def commit_code(folder: Path, params: str) -> Run:
    """Make a copy of this repository, with these params and without results, and commit it."""
    run = run_in(folder)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).exists() and not name.startswith(("metrics/", "dvc.lock", "tests/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / "params.yaml").write_text(params)
    run("git", "init", "--quiet", "--initial-branch", "main")
    run("git", "config", "user.email", "test@example.org")
    run("git", "config", "user.name", "test")
    run("git", "add", ".")
    run("git", "commit", "--quiet", "--message", "code")
    return run


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this repository with a small kitchen, in which everything has run and is committed."""
    folder = tmp_path_factory.mktemp("repository")
    run = commit_code(folder, small_params())
    run("dvc", "repro")
    run("git", "add", "dvc.lock", "metrics")
    run("git", "commit", "--quiet", "--message", "results")
    return folder


@pytest.fixture
def clone(repository: Path, tmp_path: Path) -> Path:
    """The repository with its data, for one test to change."""
    return Path(shutil.copytree(repository, tmp_path / "clone", symlinks=True))


def stages_that_ran(output: str) -> list[str]:
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


def test_a_second_repro_has_nothing_to_do(clone):
    assert stages_that_ran(run_in(clone)("dvc", "repro")) == []


def test_everything_again_gives_the_same_bytes(clone):
    run = run_in(clone)
    shutil.rmtree(clone / ".dvc/cache")
    run("dvc", "repro", "--force", "--no-run-cache")
    assert run("git", "status", "--short") == ""  # neither dvc.lock nor a metric has changed


def test_an_experiment_runs_what_follows_from_it_alone(clone):
    run = run_in(clone)
    before = (clone / "params.yaml").read_text()
    soft = stages_that_ran(run("dvc", "exp", "run", "-S", "loss.margin=soft"))
    assert soft[:2] == ["joint", "model"] and set(soft[2:]) == {"evaluation", "report", "index"}
    assert (clone / "params.yaml").read_text() == before.replace("margin: 0.3", "margin: soft")
    assert "0.3" in run("dvc", "params", "diff") and "soft" in run("dvc", "params", "diff")
    run("dvc", "exp", "run", "-S", "loss.margin=0.3")
    assert run("git", "status", "--short") == ""  # back to the committed results, from the run cache


def test_a_branch_tells_its_difference_even_in_a_clone_without_data(clone, tmp_path):
    run = run_in(clone)
    run("git", "checkout", "--quiet", "-b", "soft")
    run("dvc", "exp", "run", "-S", "loss.margin=soft")
    assert "metrics/evaluation.json" in run("dvc", "metrics", "diff", "main")
    run("git", "commit", "--quiet", "--all", "--message", "soft")
    run("git", "clone", "--quiet", str(clone), str(tmp_path / "bare"))
    bare = run_in(tmp_path / "bare")
    bare("git", "fetch", "--quiet", "origin", "main:main")
    assert "image_to_recipe.MedR" in bare("dvc", "metrics", "diff", "main", "--all")
    assert "loss.margin" in bare("dvc", "params", "diff", "main")


def test_a_wrong_value_fails_with_its_line(clone):
    command = ["dvc", "exp", "run", "-S", "loss.margin=hard"]
    done = subprocess.run(command, cwd=clone, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode != 0
    assert "seje: params.yaml: loss.margin: should be 'soft'" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_killed_in_the_middle_of_joint_it_ends_with_the_same_bytes(clone):
    run = run_in(clone)
    model = clone / "pipeline/joint/model.safetensors"
    undisturbed = model.read_bytes()
    model.unlink()
    joint = subprocess.Popen([sys.executable, "-m", "seje", "joint"], cwd=clone, env=ENVIRONMENT)
    while not list((clone / "checkpoints").glob("joint-*.pt")):
        assert joint.poll() is None, "joint ended before it could be killed"
        time.sleep(0.01)
    joint.send_signal(signal.SIGKILL)
    joint.wait()
    assert not model.exists()
    output = run("dvc", "repro", "--force", "--single-item", "--no-run-cache", "joint")
    assert "joint" in stages_that_ran(output)
    assert model.read_bytes() == undisturbed
    assert not list((clone / "checkpoints").iterdir())
