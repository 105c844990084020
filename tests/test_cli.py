import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, small_params
from test_house import DESIGN
from typer.testing import CliRunner

from seje.cli import app


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def test_help_lists_the_stages():
    code, output = invoke("--help")
    assert code == 0
    assert all(stage in output for stage in DESIGN.split())


@pytest.mark.parametrize("stage", DESIGN.split())
def test_params_is_the_one_option_of_a_stage(stage):
    code, output = invoke(stage, "--help")
    assert code == 0
    assert "--params" in output
    assert {word for word in output.split() if word.startswith("--")} == {"--params", "--help"}


@pytest.mark.parametrize("stage", DESIGN.split()[2:])
def test_a_stage_without_its_input_says_which_stage_makes_it(stage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(small_params())
    code, output = invoke(stage)
    assert code == 2
    assert "is missing: run `dvc repro" in output
    assert len(output.strip().splitlines()) == 1


def test_a_missing_source_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(small_params())
    code, output = invoke("corpus")
    assert code == 2
    assert "layer1.json is missing in" in output and "set corpus.source" in output
    assert not (tmp_path / "pipeline/corpus/recipes.parquet").exists()


def test_a_missing_params_file_is_told(tmp_path):
    code, output = invoke("corpus", "--params", str(tmp_path / "none.yaml"))
    assert code == 2
    assert "none.yaml is missing" in output


def test_metrics_before_any_evaluation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, output = invoke("metrics")
    assert code == 2 and "dvc repro evaluation" in output


OTHER = [
    b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"test_pairs": 5, "5": {"image_to_recipe": 3}}',
]  # fmt: skip


@pytest.mark.parametrize("text", OTHER, ids=range(len(OTHER)))
def test_metrics_of_another_shape_are_told(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics/evaluation.json").write_bytes(text)
    code, output = invoke("metrics")
    assert code == 2 and "dvc repro evaluation" in output and len(output.splitlines()) == 1


def test_params_nested_too_deeply_are_told(tmp_path):
    (tmp_path / "params.yaml").write_text("[" * 5000)
    code, output = invoke("corpus", "--params", str(tmp_path / "params.yaml"))
    assert code == 2 and "params.yaml is not YAML" in output and len(output.splitlines()) == 1


def test_help_imports_nothing_heavy():
    code = (
        "import sys, seje.cli; print(*sorted({'torch', 'gensim', 'sklearn', 'pyarrow'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "\n"


def test_both_ways_to_call_it():
    script = Path(sys.executable).with_name("seje")
    for command in ([str(script)], [sys.executable, "-m", "seje"]):
        done = subprocess.run([*command, "nonsense"], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2 and "No such command" in done.stderr
