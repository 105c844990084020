"""Cases of the pipeline: what belongs together, and where git and DVC put their copies of a repository."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from casebook import TEXT, cases, recipe, refused, run_stages
from conftest import ROOT, small_params
from test_uses import commit_code, run_in, stages_that_ran

from seje.workspace import paths

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("more", [True, False])
@cases("stale_rows")
def test_another_corpus_behind_an_index_is_noticed(small_pipeline, tmp_path, monkeypatch, case, more):
    folder, data = tmp_path / "copy", tmp_path / "data"
    shutil.copytree(small_pipeline, folder)
    shutil.copytree(small_pipeline / "pipeline/kitchen/recipe1m", data)
    monkeypatch.chdir(folder)
    recipes = json.loads((data / "layer1.json").read_text())
    first = dict(recipes[0], id="0000000000", partition="train")
    (data / "layer1.json").write_text(json.dumps([first, *recipes] if more else recipes[10:]))
    run_stages(small_params(ranking={"words": 16}, corpus={"source": "../data"}), "corpus")
    assert "dvc repro" in refused("search", "tomato soup", "--for", "recipes", "-k", "2", "--json")


@cases("det_partial")
def test_few_given_labels_are_used_with_silver_ones(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    run_stages(small_params(corpus={"source": str(TEXT / case)}), "corpus", "word2vec", "keyterms")
    learning = json.loads(paths.metrics("keyterms").read_text())["learning"]
    assert learning["given"]["learnt"] == 3
    assert learning["weak"]["learnt"] > 3 * 16  # of 31 more train recipes of three lines


@pytest.mark.parametrize("how", ["--temp", "--queue"])
@cases("relative")
def test_a_relative_source_is_found_from_dvcs_copies(tmp_path, case, how):
    (tmp_path / "data").mkdir()
    recipes = [recipe(number, f"dish {number}", ["2 tomatoes", "salt"]) for number in range(5)]
    (tmp_path / "data/layer1.json").write_text(json.dumps(recipes))
    (tmp_path / "data/layer2.json").write_text("[]")
    (tmp_path / "home").mkdir()
    run = commit_code(tmp_path / "home", small_params(corpus={"source": "../data"}))
    run("dvc", "exp", "run", how, "corpus", "--name", "tried")
    if how == "--queue":
        run("dvc", "exp", "run", "--run-all")
    reference = run("git", "for-each-ref", "--format=%(refname)", "refs/exps/*/*/tried").strip()
    metrics = json.loads(run("git", "show", f"{reference}:metrics/corpus.json"))
    assert metrics["recipes"]["all"] == 5


ONE_STAGE = "stages:\n  one:\n    cmd: echo 1 > one\n    outs: [one]\n"


@cases("worktree")
def test_make_repro_runs_in_a_worktree_and_in_a_submodule(tmp_path, case):
    """The Makefile and DVC themselves, on a pipeline of one stage."""
    home, outer = tmp_path / "home", tmp_path / "outer"
    for folder in (home, outer):
        folder.mkdir()
        for words in ("init --quiet", "config user.email test@example.org", "config user.name test"):
            run_in(folder)("git", *words.split())
    for name in ("Makefile", "pyproject.toml", "constraints.txt", ".dvc/config", "metrics/evaluation.json"):
        (home / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, home / name)
    (home / "dvc.yaml").write_text(ONE_STAGE)
    (home / ".gitignore").write_text("/.venv\n")
    run_in(home)("git", "add", ".")
    run_in(home)("git", "commit", "--quiet", "--message", "code")
    run_in(home)("git", "worktree", "add", "--quiet", str(tmp_path / "worktree"))
    run_in(outer)("git", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(home), "in")
    for folder in (tmp_path / "worktree", outer / "in"):
        (folder / ".venv").mkdir()
        for part in Path(sys.prefix).iterdir():
            (folder / ".venv" / part.name).symlink_to(part)
        (folder / ".venv/.installed").unlink(missing_ok=True)
        (folder / ".venv/.installed").touch()
        ran = run_in(folder)("make", "repro")
        assert stages_that_ran(ran) == ["one"] and (folder / "one").read_text() == "1\n"
        assert "MedR" in ran
