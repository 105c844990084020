"""The house rules that a machine can check: one stage, one name; plain ASCII; dependencies told truly."""

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from typer.main import get_command

from seje.cli import app
from seje.workspace.closure import closure
from seje.workspace.params import Params

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
ALL = tuple(STAGES)
OUTSIDE = STAGES.pop("outside")  # no stage of the method: it helps DVC to find data
DESIGN = (
    "kitchen corpus images word2vec keyterms ranking instructions categories joint model evaluation report "
    "index"
)
COMMON = "seje/workspace"  # one dependency of all stages
# What speaks to people alone, and the base class of settings, which takes a value or refuses it: what a stage
# writes does not follow from them.
NO_DEPENDENCY = {"seje/errors.py", "seje/progress.py", "seje/section.py"}


def tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_stages_are_those_of_the_design():
    assert list(STAGES) == DESIGN.split()
    assert {path.parent.name for path in (ROOT / "seje").glob("*/stage.py")} == {*STAGES, "outside"}


@pytest.mark.parametrize("stage", STAGES)
def test_one_stage_one_name(stage):
    declared = STAGES[stage]
    assert declared["cmd"] == f"python -m seje {stage}"
    assert stage in get_command(app).commands
    module = ast.parse((ROOT / f"seje/{stage}/stage.py").read_text())
    assert "run" in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    assert declared["outs"] == [f"pipeline/{stage}"]
    if stage == "report":  # it shows what another stage measured, and there is nothing to set
        assert not declared.keys() & {"params", "metrics"}
        return
    assert stage in declared["params"]
    assert Params.model_fields[stage].annotation.__name__ == f"{stage.capitalize()}Settings"
    assert Params.model_fields[stage].annotation.__module__ == f"seje.{stage}.settings"
    assert stage in yaml.safe_load((ROOT / "params.yaml").read_text())
    assert declared["metrics"] == [{f"metrics/{stage}.json": {"cache": False}}]


@cache
def code(stage: str) -> set[str]:
    """Files that a stage runs, and whose change may change what it writes."""
    found = {str(path.relative_to(ROOT)) for path in closure(f"seje.{stage}.stage")}
    return {path for path in found if not path.endswith("__init__.py")} - NO_DEPENDENCY


def modules(folder: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in (ROOT / folder).glob("*.py")} - {f"{folder}/__init__.py"}


def dependencies(stage: str) -> list[str]:
    """The code among the `deps` of a stage: whole packages where all their modules run, else files."""
    names = {COMMON}
    for path in code(stage):
        package = str(Path(path).parent)
        names.add(package if package == COMMON or modules(package) <= code(stage) else path)
    return sorted(names)


@pytest.mark.parametrize("stage", ALL)
def test_a_stage_depends_on_the_code_that_it_runs_and_on_no_other(stage):
    """What is missing would let dvc.lock vouch for code that has changed; what is too much runs in vain."""
    declared = OUTSIDE if stage == "outside" else STAGES[stage]
    assert [dep for dep in declared["deps"] if dep.startswith("seje/")] == dependencies(stage)


@pytest.mark.parametrize("stage", [stage for stage in ALL if stage != "model"])
def test_a_room_holds_what_its_stage_runs_and_nothing_else(stage):
    """But for `model`, whose room also holds what runs a model."""
    assert modules(f"seje/{stage}") <= code(stage), "what this stage does not run belongs elsewhere"


def test_what_several_stages_share_is_in_no_room():
    """But for these: each is of the room's own subject, and one other stage has a use for it.

    And but for `model`, which runs the model that it has put together: what the rooms do with new text.
    """
    lent = {
        ("images", "seje/corpus/settings.py"),  # where the photos lie
        ("ranking", "seje/instructions/pretrained.py"),  # BERT as a rater
        ("evaluation", "seje/instructions/pretrained.py"),  # texts by a general embedder
        ("evaluation", "seje/ranking/lsa.py"),  # the baseline of all words
    }
    rooms = {f"seje/{stage}": stage for stage in ALL}
    found = {
        (stage, path)
        for stage in ALL
        if stage != "model"
        for path in code(stage)
        if (room := str(Path(path).parent)) in rooms and rooms[room] != stage
    }
    assert found == lent


def test_what_dvc_cannot_copy_is_found_before_it_is_read():
    """`null` is spelled `None` by DVC: a file of this name stands for it."""
    assert OUTSIDE["outs"] == [{"pipeline/outside": {"cache": False}}]
    for stage, declared in STAGES.items():
        if any(dep.startswith("${") for dep in declared["deps"]):
            assert "pipeline/outside" in declared["deps"], stage
    of_photos = ["${categories.labelled}/.", "${categories.features}/."]
    assert STAGES["categories"]["deps"][:2] == of_photos and (ROOT / "None").is_file()
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
