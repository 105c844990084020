"""The house rules that a machine can check: one stage, one name; plain ASCII; dependencies told truly."""

import ast
import subprocess

import grimp
import pytest
import yaml
from conftest import ROOT
from typer.main import get_command

from seje.cli import app
from seje.workspace.params import Params

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
OUTSIDE = STAGES.pop("outside")  # no stage of the method: it helps DVC to find data
DESIGN = "kitchen corpus images word2vec keyterms ranking instructions categories joint evaluation index"
LIBRARY = (
    "seje.data",
    "seje.text",
    "seje.vision",
    "seje.joint",
    "seje.retrieval",
    "seje.categories.assignment",
    "seje.evaluation.comparison",
    "seje.workspace.artefacts",
    "seje.report",
    "seje.joint.validation",
)


def tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_stages_are_those_of_the_design():
    assert list(STAGES) == DESIGN.split()
    modules = {path.stem for path in (ROOT / "seje/stages").glob("*.py")}
    assert modules == {*STAGES, "outside", "__init__"}


@pytest.mark.parametrize("stage", STAGES)
def test_one_stage_one_name(stage):
    declared = STAGES[stage]
    assert declared["cmd"] == f"python -m seje {stage}"
    assert stage in get_command(app).commands
    module = ast.parse((ROOT / f"seje/stages/{stage}.py").read_text())
    assert "run" in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    assert stage in declared["params"]
    assert Params.model_fields[stage].annotation.__name__ == stage.capitalize()
    assert stage in yaml.safe_load((ROOT / "params.yaml").read_text())
    assert declared["outs"] == [f"pipeline/{stage}"]
    assert declared["metrics"] == [{f"metrics/{stage}.json": {"cache": False}}]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_all_library_code_that_it_runs(stage):
    """A module missing in `deps` would let dvc.lock vouch for code that has changed."""
    deps = STAGES[stage]["deps"]
    graph = grimp.build_graph("seje")
    for module in graph.find_upstream_modules(f"seje.stages.{stage}") | {f"seje.stages.{stage}"}:
        path = module.replace(".", "/")
        if module.startswith((*LIBRARY, f"seje.stages.{stage}")) and not (ROOT / path).is_dir():
            found = any(f"{path}.py" == dep or path.startswith(f"{dep}/") for dep in deps)
            assert found, f"dvc.yaml: {stage} runs {path}.py"


def test_what_dvc_cannot_copy_is_found_before_it_is_read():
    """`null` is spelled `None` by DVC: a file of this name stands for it."""
    assert OUTSIDE["outs"] == [{"pipeline/outside": {"cache": False}}]
    for stage, declared in STAGES.items():
        if any(dep.startswith("${") for dep in declared["deps"]):
            assert "pipeline/outside" in declared["deps"], stage
    assert STAGES["categories"]["deps"][0] == "${categories.labelled}/." and (ROOT / "None").is_file()
    assert not [dep for declared in STAGES.values() for dep in declared["deps"] if "pipeline/kitchen" in dep]


def test_names_are_plain_ascii():
    for name in tracked():
        assert name.isascii(), name
        if name.endswith(".py") and (ROOT / name).exists():
            tree = ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8")))
            for node in tree:
                for field in ("id", "name", "attr", "arg"):
                    assert str(getattr(node, field, "")).isascii(), (name, getattr(node, field))


def test_only_paths_names_files_of_the_pipeline():
    for path in (ROOT / "seje").rglob("*.py"):
        if path.name != "paths.py":
            strings = [n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant)]
            assert not [s for s in strings if isinstance(s, str) and s.startswith(("pipeline/", "metrics/"))]
