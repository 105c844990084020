"""Data outside the repository, with the real dvc and git: watched, and found from DVC's copies."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import small_params
from test_uses import ENVIRONMENT, commit_code, stages_that_ran

from seje.kitchen.raw_files import write_kitchen

pytestmark = pytest.mark.slow


@pytest.fixture
def outside(tmp_path):
    """A repository whose recipes are text in ../data/recipes and which has no labelled photos."""
    write_kitchen(tmp_path / "made", 60, 0.0, None, 1, 1)
    shutil.move(tmp_path / "made/recipe1m", tmp_path / "data/recipes")
    (tmp_path / "home").mkdir()
    params = small_params(corpus={"source": "../data/recipes"}, categories={"labelled": None})
    commit_code(tmp_path / "home", params)
    return tmp_path / "home"


def dvc(folder: Path, *words: str) -> str:
    done = subprocess.run(["dvc", *words], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_source_elsewhere_is_watched_and_needs_no_kitchen(outside):
    assert stages_that_ran(dvc(outside, "repro", "corpus")) == ["outside", "corpus"]
    assert stages_that_ran(dvc(outside, "repro", "corpus")) == []
    for name, content in (("layer1.json", None), ("det_ingrs.json", "[]"), ("classes1M.pkl", "x")):
        path = outside.parent / "data/recipes" / name
        path.write_text(content if content else json.dumps(json.loads(path.read_text())[1:]))
        assert stages_that_ran(dvc(outside, "repro", "corpus")) == ["corpus"], name
    assert "kitchen" not in dvc(outside, "dag", "index")
    assert not (outside / "pipeline/kitchen").exists()


def test_a_relative_source_is_found_from_copies_before_anything_ran_in_the_workspace(outside):
    ran = dvc(outside, "exp", "run", "--temp", "corpus", "-n", "temp")
    assert stages_that_ran(ran) == ["outside", "corpus"]
    dvc(outside, "exp", "run", "--queue", "-S", "corpus.max_ingredients=6", "-n", "queued", "corpus")
    dvc(outside, "exp", "run", "--run-all")
    (queued,) = [
        row for row in json.loads(dvc(outside, "exp", "show", "--json"))[1]["experiments"] or []
        if row["name"] == "queued"
    ]  # fmt: skip
    assert queued["revs"][0]["data"]["metrics"]["metrics/corpus.json"]["data"]["recipes"]["all"] < 60


def test_the_kitchen_runs_first_where_the_data_are_its_own(tmp_path):
    commit_code(tmp_path, small_params())
    *first, last = stages_that_ran(dvc(tmp_path, "repro", "corpus"))
    assert sorted(first) == ["kitchen", "outside"] and last == "corpus"


def test_a_path_that_leads_too_far_up_is_told(outside):
    far = outside.parent / "home/deep/er/repository"
    far.mkdir(parents=True)
    commit_code(far, small_params(corpus={"source": "../../../../data/recipes"}))
    done = subprocess.run(
        ["dvc", "exp", "run", "--temp", "corpus"], cwd=far, env=ENVIRONMENT, capture_output=True, text=True
    )
    told = done.stdout + done.stderr
    assert done.returncode and "cannot be found from DVC's copies" in told and "Traceback" not in told
