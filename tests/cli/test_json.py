"""--json of every command: its facts on standard output, and nothing else; mistakes as without it."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from test_house import DESIGN
from typer.main import get_command
from typer.testing import CliRunner

from seje.cli import app

SERVES = {"serve"}  # runs until it is stopped; its REST interface is what programs ask
STAGES = {"outside", *DESIGN.split()}  # run by DVC; what they find is in metrics/


def leaves(group, before=""):
    """Names of commands with the commands themselves, those of groups among them."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


LEAVES = dict(leaves(get_command(app)))
COMMANDS = sorted(set(LEAVES) - SERVES - STAGES)
# Of each command, what is a mistake where nothing is.
MISTAKES = {
    "ablation": [],
    "audit": [],
    "compare": ["a.parquet", "b.parquet"],
    "embed": ["photos", "-o", "photos.npy"],
    "evaluate": ["model", "recipes"],
    "explain": ["x"],
    "export": ["onnx"],
    "metrics": [],
    "preset": ["real"],
    "push": ["model", "me/dishes"],
    "score": ["photos.npy", "recipes.npy"],
    "search": ["soup"],
    "store gc": [],
    "tag": ["2 eggs"],
}
KITCHEN = "pipeline/kitchen/recipe1m"
RANKS = "pipeline/evaluation/ranks.parquet"
# What is answered of a small kitchen, and what the object has.
ANSWERED = [
    (["audit"], "counts"),
    (["compare", RANKS, RANKS], "test"),
    (["embed", f"{KITCHEN}/images", "-o", "photos.npy"], "written"),
    (["evaluate", "pipeline/model", KITCHEN, "--partition", "test"], "pools"),
    (["explain", "{id}"], "terms"),
    (["export", "onnx", "--int8"], "loss"),
    (["metrics"], "baselines"),
    (["preset", "kitchen"], "joint.epochs"),
    (["score", "pipeline/index/photos.npy", "pipeline/index/photos.npy"], "pools"),
    (["search", "soup", "--open", "soup.html"], "hits"),
    (["store verify"], "shards"),
    (["tag", "2 eggs"], "entity"),
]
# Of experiments, below; to a hub, tests/model/test_hub.py; of a store, tests/cli/test_store_commands.py.
ELSEWHERE = {"ablation", "push", "store gc"}
NEVER = {"store verify"}  # no mistake can be made: without a manifest there is nothing to verify


def run(*words):
    return CliRunner().invoke(app, [*words, "--json"])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_it(command):
    assert "--json" in {name for option in LEAVES[command].params for name in option.opts}


def test_every_command_is_tried():
    assert {words[0] for words, _ in ANSWERED} | ELSEWHERE == set(COMMANDS) == set(MISTAKES) | NEVER


@pytest.mark.parametrize("command", MISTAKES)
def test_a_mistake_is_one_line_on_standard_error(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*command.split(), *MISTAKES[command])
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.output
    assert done.stderr.startswith("seje: ")


@pytest.fixture(scope="module")
def folder(small_pipeline, tmp_path_factory):
    """A working directory of its own: commands write into it."""
    made = tmp_path_factory.mktemp("asked")
    for name in ("pipeline", "metrics"):
        (made / name).symlink_to(small_pipeline / name)
    (made / "presets").symlink_to(ROOT / "presets")
    shutil.copy(small_pipeline / "params.yaml", made)
    return made


@pytest.mark.slow
@pytest.mark.parametrize(("words", "key"), ANSWERED, ids=[words[0] for words, _ in ANSWERED])
def test_the_facts_are_one_object_alone_on_standard_output(words, key, folder, monkeypatch):
    monkeypatch.chdir(folder)
    recipe = json.loads(Path(KITCHEN, "layer1.json").read_text())[0]["id"]
    done = run(*words[0].split(), *(word.format(id=recipe) for word in words[1:]))
    assert done.exit_code == 0, done.output
    assert key in json.loads(done.stdout) and done.stdout.count("\n") == 1 and done.stdout.isascii()


@pytest.mark.slow
def test_an_ablation_as_json(monkeypatch):
    monkeypatch.chdir(ROOT)
    rows = json.loads(run("ablation", "--partition", "test").stdout)["rows"]
    assert "full" in {row["row"] for row in rows}
