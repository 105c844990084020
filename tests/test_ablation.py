import json
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from seje import ablation
from seje.cli import app
from seje.errors import SejeError
from seje.params import Params

ROWS = """
seeds:
- 1
- 2
rows:
  full: {}
  soft:
    loss.margin: soft
"""

# A pipeline of one stage, whose measures follow from its parameters.
STAGE = """
import json, os, yaml
params = yaml.safe_load(open("params.yaml"))
seed, soft = params["joint"]["seed"], params["loss"]["margin"] == "soft"
way = {"MedR": 10 * seed, "R@1": 0.1 * seed, "R@5": 0.2 * seed, "R@10": 0.75 if soft else 0.25 * seed}
pool = {"image_to_recipe": way, "recipe_to_image": way | {"MedR": 10 * seed + 2}}
os.makedirs("metrics", exist_ok=True)
json.dump({"10": {}, "40": pool, "baselines": {}, "test_pairs": 40}, open("metrics/evaluation.json", "w"))
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
    stage["metrics"] = [{"metrics/evaluation.json": {"cache": False}}]
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"evaluation": stage}}))
    (tmp_path / "params.yaml").write_text("joint:\n  seed: 1\nloss:\n  margin: 0.3\n")
    (tmp_path / "stage.py").write_text(STAGE)
    (tmp_path / "experiments.yaml").write_text(ROWS)
    for command in ("git init -q", "dvc init -q", "dvc repro -q", "git add -A", "git commit -qm first"):
        program, *arguments = command.split()
        run(*([sys.executable, "-m", "dvc"] if program == "dvc" else [program]), *arguments)
    return tmp_path


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
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

    full, soft = ablation.table(ablation.read(repository / "experiments.yaml"))
    assert full["seeds"] == soft["seeds"] == 2
    assert full["MedR"] == pytest.approx((11 + 21) / 2)  # mean of directions, then of seeds
    assert full["MedR std"] == pytest.approx(50**0.5)
    assert full["R@10"] == pytest.approx(0.375) and full["R@10 diff"] == 0
    assert soft["R@10"] == pytest.approx(0.75) and soft["R@10 std"] == 0
    assert soft["R@10 diff"] == pytest.approx(0.375) and soft["MedR diff"] == 0

    head, _, first, second = seje("--format", "markdown").splitlines()
    assert head.startswith("| row | seeds | MedR |")
    assert first.startswith("| full | 2 | 16.0 ± 7.1 | 0.150 ± 0.071 |")
    assert second.endswith("| +0.0 | +0.375 |")
    assert seje("--format", "csv").splitlines()[2].startswith("soft,2,16")
    assert "0.750" in seje()
    assert json.loads((repository / "metrics/evaluation.json").read_text())["test_pairs"] == 40
