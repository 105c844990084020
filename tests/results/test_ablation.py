import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from seje.cli import app, tables
from seje.errors import SejeError
from seje.results import ablation
from seje.workspace.params import Params

# DVC's queue looks for `dvc` in the path; without it, it waits for ever.
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

ROWS = """
seeds:
- 1
- 2
rows:
  full: {}
  soft:
    loss.margin: soft
"""

# A pipeline of one stage, whose ranks follow from its parameters: val is better by 2 ranks than test.
STAGE = """
import os, yaml
import pyarrow as pa
import pyarrow.parquet as pq
params = yaml.safe_load(open("params.yaml"))
seed, soft = params["joint"]["seed"], params["loss"]["margin"] == "soft"
ids = [f"{number:02}" for number in range(40)]
ranks = {"partition": ["val"] * 40 + ["test"] * 40, "id": ids[::-1] + ids}
val = [1 + number + (soft and number > 19) for number in range(40)]
ranks["image_to_recipe"] = val[::-1] + [rank + 2 for rank in val]
ranks["recipe_to_image"] = [rank + seed for rank in ranks["image_to_recipe"]]
os.makedirs("pipeline/evaluation", exist_ok=True)
pq.write_table(pa.table(ranks), "pipeline/evaluation/ranks.parquet")
"""


def test_the_rows_of_the_repository_change_what_params_yaml_has():
    rows = ablation.read(ROOT / "experiments.yaml")
    assert next(iter(rows.rows)) == "full" and not rows.rows["full"]
    for changes in rows.experiments().values():
        sections = yaml.safe_load((ROOT / "params.yaml").read_text())
        for key, value in changes.items():
            section, name = key.split(".")
            assert name in sections[section], key
            sections[section][name] = value
        Params.model_validate(sections)


def test_every_row_has_an_experiment_for_each_seed(tmp_path):
    (tmp_path / "rows.yaml").write_text(ROWS)
    assert ablation.read(tmp_path / "rows.yaml").experiments() == {
        "full-seed1": {"joint.seed": 1},
        "soft-seed1": {"loss.margin": "soft", "joint.seed": 1},
        "full-seed2": {"joint.seed": 2},
        "soft-seed2": {"loss.margin": "soft", "joint.seed": 2},
    }


@pytest.mark.parametrize(
    "text, said",
    [
        ("seeds: []\nrows: {full: {}}", "seeds"),
        ("seeds: [1]\nrows: {}", "rows"),
        ("seeds: [1]\nrows: {full: {}}\nrow: 1", "row"),
        ("seeds: [1]\nrows: {'a b': {}}", "rows.a b"),
        ("seeds: [", "not YAML"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path, text, said):
    (tmp_path / "rows.yaml").write_text(text)
    with pytest.raises(SejeError, match=said) as error:
        ablation.read(tmp_path / "rows.yaml")
    assert "\n" not in str(error.value)


def test_a_missing_file_is_one_line(tmp_path):
    result = CliRunner().invoke(app, ["ablation", "--experiments", str(tmp_path / "none.yaml")])
    assert result.exit_code == 2 and "none.yaml is missing" in result.output


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git and DVC repository with a pipeline of one quick stage, run and committed."""
    monkeypatch.chdir(tmp_path)
    stage = {"cmd": f"{sys.executable} stage.py", "deps": ["stage.py"], "params": ["joint", "loss"]}
    stage["outs"] = ["pipeline/evaluation"]
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"evaluation": stage}}))
    (tmp_path / "params.yaml").write_text("joint:\n  seed: 1\nloss:\n  margin: 0.3\n")
    (tmp_path / "stage.py").write_text(STAGE)
    (tmp_path / "experiments.yaml").write_text(ROWS)
    for command in ("git init -q", "dvc init -q", "dvc repro -q", "git add -A", "git commit -qm first"):
        program, *arguments = command.split()
        run(*([sys.executable, "-m", "dvc"] if program == "dvc" else [program]), *arguments)
    return tmp_path


def run(*command: str) -> str:
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout


def seje(*arguments: str) -> str:
    return run(sys.executable, "-m", "seje", "ablation", *arguments)


@pytest.mark.slow
def test_dvc_runs_the_rows_once_and_the_table_says_what_they_reached(repository):
    names = ["full-seed1", "soft-seed1", "full-seed2", "soft-seed2"]
    assert seje("--queue").split() == names
    assert seje("--queue") == ""  # queued already
    run(sys.executable, "-m", "dvc", "exp", "run", "--run-all")
    assert seje("--queue") == ""  # done already

    full, soft = ablation.table(ablation.read(repository / "experiments.yaml"), "val")
    assert full["seeds"] == soft["seeds"] == soft["shared seeds"] == 2 and full["pairs"] == 40
    assert full["MedR"] == pytest.approx((21 + 21.5) / 2)  # mean of directions, then of seeds
    assert full["MedR std"] == pytest.approx(0.125**0.5)
    assert full["R@10"] == pytest.approx((10 / 40 + 8.5 / 40) / 2) and "R@10 diff" not in full
    # From the 20th pair on, soft is one rank worse: R@10 is the same in every resample, MedR is not.
    assert soft["R@10 diff"] == soft["R@10 low"] == soft["R@10 high"] == 0
    assert soft["MedR diff"] == pytest.approx(0.5) and 0 <= soft["MedR low"] <= 0.5 <= soft["MedR high"] <= 1
    full_on_test, _ = ablation.table(ablation.read(repository / "experiments.yaml"), "test")
    assert full_on_test["MedR"] == full["MedR"] + 2

    title, _, head, _, first, second, _, note = seje("--format", "markdown").splitlines()
    assert "40 val pairs" in title and "paired bootstrap over queries and seeds" in note
    assert head.startswith("| row | seeds | MedR |")
    assert first.startswith("| full | 2 | 21.2 ± 0.4 | 0.013 ± 0.000 |")
    assert second.endswith("| +0.000 (+0.000 to +0.000), not told apart |")
    assert "40 test pairs" in seje("--format", "markdown", "--partition", "test")
    assert seje("--format", "csv").splitlines()[2].startswith("soft,2,,40,21.75")
    assert "not told" in seje()

    cache = repository / ".dvc/cache"
    shutil.rmtree(cache)
    done = subprocess.run(
        [sys.executable, "-m", "seje", "ablation", "--format", "csv"], capture_output=True, text=True
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("seje:")]
    assert "no ranks in DVC's cache of full-seed1, full-seed2, soft-seed1, soft-seed2" in line
    assert done.stdout.splitlines()[1].startswith("full,0,full-seed1 full-seed2")


def compared(**changes: float) -> list[dict]:
    full = {"row": "full", "seeds": 3, "lost": [], "pairs": 99}
    for name in ablation.METRICS:
        full |= {name: 5.0 if name == "MedR" else 0.5, f"{name} std": 0.01}
    other = full | {"row": "other", "shared seeds": 3}
    for name in ("MedR", "R@10"):
        other |= {f"{name} diff": 0.1, f"{name} low": -0.1, f"{name} high": 0.2}
    return [full, other | changes]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "not told apart"),
        ({"R@10 low": 0.05}, "better"),
        ({"R@10 diff": -0.1, "R@10 low": -0.2, "R@10 high": -0.05}, "worse"),
        ({"R@10 low": 0.0}, "not told apart"),
        ({"R@10 low": 0.05, "shared seeds": 1}, "one seed"),
    ],
)
def test_a_difference_is_called_one_only_where_its_interval_leaves_0_out(changes, said):
    *_, last = tables.ablation_cells(compared(**changes))[2]
    assert last.endswith(f", {said}")


def test_a_smaller_median_rank_is_the_better_one():
    *_, medr, _ = tables.ablation_cells(compared(**{"MedR diff": -1.0, "MedR low": -2.0, "MedR high": -0.5}))[
        2
    ]
    assert medr == "-1.0 (-2.0 to -0.5), better"
    *_, medr, _ = tables.ablation_cells(compared(**{"MedR low": 0.05}))[2]
    assert medr.endswith("worse")
