import os
import resource
import subprocess
import sys
from contextlib import contextmanager
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
    options = {"--help"} if stage == "report" else {"--params", "--help"}  # a report has no parameters
    assert {word for word in output.split() if word.startswith("--")} == options


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
    assert "layer1.json is missing in" in output and "name its folder (corpus.source)" in output
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
    b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"test_pairs": 5, "all": {"image_to_recipe": 3}}',
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


@contextmanager
def as_anyone():
    """As a user who may do only what all may."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def recipes(tmp_path, monkeypatch):
    """Fifty recipes in raw/, and the corpus that was made of them."""
    from seje.kitchen.raw_files import write_kitchen

    monkeypatch.chdir(tmp_path)
    write_kitchen(tmp_path / "kitchen", 50, 0.0, None, 1, 1)
    (tmp_path / "kitchen/recipe1m").rename(tmp_path / "raw")
    (tmp_path / "params.yaml").write_text(
        small_params(corpus={"source": "raw"}, kitchen={"recipes": 50, "photos": False})
    )
    assert invoke("corpus")[0] == 0
    tmp_path.chmod(0o755)
    return tmp_path


def held(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_that_may_not_be_written_or_read_is_one_line(recipes):
    before = held(recipes / "pipeline/corpus")
    with as_anyone():
        code, output = invoke("corpus")  # reads all of raw/, and may not write
    assert code == 2 and output.strip().splitlines()[-1].endswith(": Permission denied")
    assert "pipeline/corpus" in output and "Traceback" not in output
    (recipes / "raw").chmod(0)
    for folder in ("pipeline/corpus", "checkpoints/shards"):
        (recipes / folder).chmod(0o777)
    with as_anyone():
        code, output = invoke("corpus")
    assert code == 2 and output.endswith(": Permission denied\n") and "raw" in output
    assert held(recipes / "pipeline/corpus") == before
    (recipes / "params.yaml").chmod(0)
    with as_anyone():
        assert invoke("metrics")[0] == 2 and invoke("corpus") == (2, "seje: params.yaml: Permission denied\n")


@pytest.mark.parametrize("source", ["x" * 300, "\u4e00" * 100, "x/" * 3000], ids=["letters", "signs", "path"])
def test_a_name_that_is_too_long_is_one_line(recipes, source):
    (recipes / "params.yaml").write_text(small_params(corpus={"source": source}))
    code, output = invoke("corpus")
    assert code == 2 and output.endswith(": File name too long\n") and output.count("\n") == 1
    code, output = invoke("corpus", "--params", source)
    assert code == 2 and output.endswith(": File name too long\n") and output.count("\n") == 1


def test_a_full_disk_is_one_line_and_leaves_what_was_there(recipes):
    assert invoke("kitchen")[0] == 0
    before = held(recipes / "pipeline/kitchen/recipe1m")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        code, output = invoke("kitchen")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code == 2 and output.splitlines()[-1] == "seje: pipeline/kitchen: File too large"
    assert held(recipes / "pipeline/kitchen/recipe1m") == before
    assert {path.name for path in (recipes / "pipeline").iterdir()} == {"corpus", "kitchen"}


def test_a_fault_of_the_program_is_no_line(monkeypatch):
    def broken(_):
        raise RuntimeError("a fault")

    monkeypatch.setattr("seje.cli.stages.load", broken)
    with pytest.raises(RuntimeError):
        CliRunner().invoke(app, ["corpus"], catch_exceptions=False)
