import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from typer.testing import CliRunner

from seje.cli import app
from seje.workspace.params import load

REAL = ("real", "-S", "corpus.source=../recipes")
RECIPE1M = ("recipe1m", "-S", "corpus.source=/data/recipe1m", "-S", "categories.labelled=/data/food-101")
PARAMS = Path("params.yaml")


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["preset", *arguments], env={"COLUMNS": "160"})
    return result.exit_code, result.output


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory as a clone has it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "presets", "presets")
    shutil.copyfile(ROOT / "params.yaml", PARAMS)
    return tmp_path


def refused(*arguments: str) -> str:
    before = sorted(Path().iterdir()), PARAMS.read_bytes()
    code, output = invoke(*arguments)
    assert code == 2 and len(output.splitlines()) == 1, output
    assert (sorted(Path().iterdir()), PARAMS.read_bytes()) == before
    return output


@pytest.mark.parametrize("preset", [REAL, RECIPE1M], ids=["real", "recipe1m"])
def test_a_preset_is_the_kitchen_and_what_the_overlay_changes_and_what_is_set(preset):
    code, output = invoke(*preset)
    assert code == 0, output
    expected = yaml.safe_load((ROOT / "params.yaml").read_text())
    overlay = yaml.safe_load(Path(f"presets/{preset[0]}.yaml").read_text())
    for section, values in overlay.items():
        expected[section] |= values
    for setting in preset[2::2]:
        key, value = setting.split("=")
        section, name = key.split(".")
        expected[section][name] = value
    assert yaml.safe_load(PARAMS.read_text()) == expected
    assert list(expected) == list(yaml.safe_load(PARAMS.read_text()))  # in the same order
    load(PARAMS)


def test_what_changed_is_shown():
    _, output = invoke(*REAL, "-S", "joint.epochs=7")
    cells = [[cell.strip() for cell in line.split("\u2502")[1:-1]] for line in output.splitlines()]
    assert ["joint.epochs", "40", "7"] in cells and ["categories.views", "2", "18"] in cells
    assert ["corpus.source", "pipeline/kitchen/recipe1m", "../recipes"] in cells
    assert ["categories.labelled", "pipeline/kitchen/food101", "null"] in cells
    assert not [row for row in cells if row and row[0] in ("joint.lr", "loss.margin")]  # the same as before


def test_twice_is_as_once():
    invoke(*REAL)
    once = PARAMS.read_bytes()
    code, output = invoke(*REAL)
    assert (code, output) == (0, "params.yaml is as it was\n") and PARAMS.read_bytes() == once


def test_nothing_of_an_earlier_preset_or_edit_stays():
    invoke(*REAL)
    direct = PARAMS.read_bytes()
    PARAMS.write_text(PARAMS.read_text().replace("gamma: 16", "gamma: 8"))
    invoke(*RECIPE1M, "-S", "joint.epochs=3")
    _, output = invoke(*REAL)
    assert PARAMS.read_bytes() == direct and "joint.epochs" in output
    invoke("kitchen")
    assert PARAMS.read_bytes() == (ROOT / "params.yaml").read_bytes()


def test_params_need_not_be_there():
    PARAMS.unlink()
    code, output = invoke("kitchen")
    assert code == 0 and PARAMS.read_bytes() == (ROOT / "params.yaml").read_bytes()
    assert "loss.margin" in output


def test_a_file_of_ones_own(tmp_path):
    (tmp_path / "mine.yaml").write_text("joint:\n  epochs: 2 # few\nevaluation:\n  pools: [10] # small\n")
    code, _ = invoke("mine.yaml", "-S", "loss.margin=soft")
    params = load(PARAMS)
    assert code == 0 and (params.joint.epochs, params.loss.margin) == (2, "soft")
    assert list(params.evaluation.pools) == [10]
    assert "few" not in PARAMS.read_text()  # a word why is the overlay's


SETTINGS = [
    "joint.lr=1e-5",
    "joint.lr=1e-3",
    "loss.margin=soft",
    "joint.categories=false",
    "joint.precision='32'",
    "joint.precision=32",
    "categories.labelled=null",
    "corpus.source='/a, b=c'",
    "corpus.source=/two words",
    "evaluation.pools=[10,20]",
    "loss.gamma=16.0",
    "index.uri=http://localhost:19530",
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_written_is_what_dvc_writes(setting):
    """`dvc exp run -S` on params.yaml, and the same again on our file, give our bytes."""
    from dvc.utils.hydra import apply_overrides

    shutil.copyfile(PARAMS, "dvc.yaml")
    apply_overrides("dvc.yaml", [setting])
    code, output = invoke("kitchen", "-S", setting)
    assert code == 0, output
    assert PARAMS.read_bytes() == Path("dvc.yaml").read_bytes()
    apply_overrides("params.yaml", [setting])
    assert PARAMS.read_bytes() == Path("dvc.yaml").read_bytes()


@pytest.mark.parametrize("preset", [REAL, RECIPE1M], ids=["real", "recipe1m"])
def test_dvc_leaves_a_preset_as_it_is_but_for_what_it_sets(preset):
    from dvc.utils.hydra import apply_overrides

    invoke(*preset)
    before = PARAMS.read_text()
    apply_overrides("params.yaml", ["joint.seed=2"])
    changed = [
        (a, b) for a, b in zip(before.splitlines(), PARAMS.read_text().splitlines(), strict=True) if a != b
    ]
    assert changed == [("  seed: 1", "  seed: 2")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["real"], "preset real needs -S corpus.source=...: presets/real.yaml"),
        ([*REAL[:3], "-S", "categories.backbone=???"], "preset real needs -S categories.backbone=...: "),
        (
            [*REAL[:3], "-S", "categories.weights=none"],
            "categories.freeze: keeps lite0 as it is",
        ),
        (["recipe1m"], "preset recipe1m needs -S corpus.source=... -S categories.labelled=...: "),
        (["nothing"], "presets/nothing.yaml is missing: presets are kitchen, real, recipe1m, or the path"),
        (["nothing.yaml"], "nothing.yaml is missing: presets are"),
        (["kitchen", "-S", "loss.gama=1"], "-S loss.gama=1: params.yaml has no loss.gama"),
        (["kitchen", "-S", "los.gamma=1"], "params.yaml has no los.gamma"),
        (["kitchen", "-S", "loss=1"], "params.yaml has no loss"),
        (["kitchen", "-S", "evaluation.pools.0=1"], "params.yaml has no evaluation.pools.0"),
        (["kitchen", "-S", "+loss.extra=1"], "params.yaml has no loss.extra"),
        (["kitchen", "-S", "+loss.margin=1"], "give one value, as loss.margin=VALUE"),
        (["kitchen", "-S", "~loss.margin"], "give one value, as loss.margin=VALUE"),
        (["kitchen", "-S", "loss.margin=0.1,0.3"], "give one value, as loss.margin=VALUE"),
        (["kitchen", "-S", "loss.margin@here=1"], "give one value, as loss.margin=VALUE"),
        (["kitchen", "-S", "loss.margin"], "not KEY=VALUE"),
        (["kitchen", "-S", ""], "not KEY=VALUE"),
        (["kitchen", "-S", "=1"], "params.yaml has no"),
        (["kitchen", "-S", "corpus.source=/a=b"], "not KEY=VALUE; put what is no plain word into '...'"),
        (["kitchen", "-S", "loss.margin=hard"], "preset kitchen: loss.margin: should be 'soft' or"),
        (["kitchen", "-S", "joint.lr={a:1}"], "preset kitchen: joint.lr: should be a valid number"),
        (["kitchen", "-S", "joint.pixels=resnet18", "-S", "joint.linear=3"], "set joint.linear to 0"),
        (["kitchen", "-S", "joint.text=a/b", "-S", "joint.instructions=false"], "set joint.instructions or"),
    ],
)
def test_what_is_refused(arguments, said):
    assert said in refused(*arguments)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("loss:\n  gama: 1\n", "preset mine.yaml: loss.gama: unknown key; known are objective,"),
        ("extra: 1\n", "preset mine.yaml: extra: unknown key"),
        ("loss:\n", "preset mine.yaml: loss: should be a valid dictionary"),
        ("1: 2\n", "preset mine.yaml: 1: "),
        ("- 1\n", "mine.yaml has no sections"),
        ("loss: [1\n", "mine.yaml is not YAML"),
        ("[" * 5000, "mine.yaml is not YAML"),
        ("loss:\n  gamma: 1\n  gamma: 2\n", "mine.yaml is not YAML"),
    ],
    ids=range(8),
)
def test_an_overlay_that_is_none(text, said, tmp_path):
    (tmp_path / "mine.yaml").write_text(text)
    assert said in refused("mine.yaml")


def test_a_params_file_that_cannot_be_read_is_not_overwritten(tmp_path):
    PARAMS.write_bytes(b"\xff: [")
    assert "params.yaml is not YAML: mend it or take it away" in refused("kitchen")


def test_another_folder_than_the_root_is_told(tmp_path):
    shutil.rmtree("presets")
    assert "presets is missing: run in the repository's root" in refused("kitchen")


def test_help_says_what_is_the_base():
    _, output = invoke("--help")
    assert "presets/kitchen.yaml" in output and "does not count" in output


@pytest.mark.slow
def test_dvc_shows_a_preset_as_the_changes_of_its_overlay():
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["git", "init", "-q"], [sys.executable, "-m", "dvc", "init", "-q"]):
        subprocess.run(command, check=True)
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    invoke(*REAL)
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "params", "diff"], capture_output=True, text=True, check=True
    )
    shown = {line.split()[1] for line in done.stdout.splitlines()[1:] if line.strip()}
    overlay = yaml.safe_load(Path("presets/real.yaml").read_text())
    assert shown == {f"{section}.{key}" for section, values in overlay.items() for key in values}
