from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from seje.errors import SejeError
from seje.workspace.params import load


def changed(tmp_path: Path, key: str, value: Any) -> Path:
    """params.yaml with one value written as given, as text that YAML reads."""
    data = yaml.safe_load((ROOT / "params.yaml").read_text())
    section, name = key.split(".")
    data[section][name] = "PLACE"
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(data).replace("PLACE", str(value)))
    return tmp_path / "params.yaml"


@pytest.mark.parametrize("name", ["params.yaml", "presets/kitchen.yaml"])
def test_the_files_in_the_repository_are_valid(name):
    load(ROOT / name)


def test_margin_starts_as_a_number_so_that_soft_is_an_experiment():
    assert load(ROOT / "params.yaml").loss.margin == 0.3


@pytest.mark.parametrize(("text", "number"), [("1e-4", 1e-4), ("1e-05", 1e-5), ("1", 1.0), ("'0.1'", 0.1)])
def test_numbers_that_yaml_takes_for_text_are_numbers(tmp_path, text, number):
    assert load(changed(tmp_path, "joint.lr", text)).joint.lr == number


@pytest.mark.parametrize(("text", "margin"), [("soft", "soft"), ("0.3", 0.3), ("1", 1), ("1e-1", 0.1)])
def test_margins(tmp_path, text, margin):
    assert load(changed(tmp_path, "loss.margin", text)).loss.margin == margin


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("loss.margin", "hard", "loss.margin: should be 'soft' or should be a valid number"),
        ("loss.margin", "0", "loss.margin: should be 'soft' or should be greater than 0"),
        ("loss.margin", "true", "loss.margin: should be 'soft' or should be a number, not true or false"),
        ("loss.gamma", ".nan", "loss.gamma: should be"),
        ("joint.batch", "1", "joint.batch: should be greater than or equal to"),
        ("joint.epochs", "2.5", "joint.epochs: should be a valid integer"),
        ("joint.lr", "fast", "joint.lr: should be a valid number"),
        ("joint.dropout", "1.0", "joint.dropout: should be less than 1"),
        ("loss.negatives", "triple", "loss.negatives: should be 'double', 'instance', 'category' or 'all'"),
        ("evaluation.pools", "[]", "evaluation.pools: "),
        ("ranking.weighted_mean", "maybe", "ranking.weighted_mean: should be a valid boolean"),
        ("ranking.window", "1", "ranking.window: should be greater than or equal to 2"),
        ("ranking.damping", "1.0", "ranking.damping: should be less than 1"),
        ("ranking.method", "bert", "ranking.model: method bert needs the folder or the name of a sentence-"),
        ("instructions.encoder", "bert", "instructions.encoder: should be 'skip', 'mean' or 'pretrained'"),
        ("instructions.encoder", "pretrained", "instructions.model: encoder pretrained needs a sentence-"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(tmp_path, key, text, message):
    with pytest.raises(SejeError) as error:
        load(changed(tmp_path, key, text))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_the_cosine_loss_needs_a_number_for_its_margin(tmp_path):
    text = (ROOT / "params.yaml").read_text().replace("  objective: triplet", "  objective: cosine")
    (tmp_path / "params.yaml").write_text(text)
    assert load(tmp_path / "params.yaml").loss.objective == "cosine"
    (tmp_path / "params.yaml").write_text(text.replace("  margin: 0.3", "  margin: soft"))
    with pytest.raises(SejeError, match=r"loss.margin: objective cosine needs a number"):
        load(tmp_path / "params.yaml")


def test_a_cnn_trained_along_takes_no_linear_part(tmp_path):
    text = (ROOT / "params.yaml").read_text().replace("  pixels: cached", "  pixels: resnet18")
    (tmp_path / "params.yaml").write_text(text.replace("  linear: 0", "  linear: 300"))
    with pytest.raises(SejeError, match=r"joint.pixels: a CNN trained along .* set joint.linear to 0"):
        load(tmp_path / "params.yaml")


def test_a_text_encoder_trained_along_takes_no_linear_part_that_reads_it_and_a_tower_that_does(tmp_path):
    text = (ROOT / "params.yaml").read_text().replace("  text: cached", "  text: some/model")
    linear = text.replace("  linear: 0", "  linear: 300")
    (tmp_path / "params.yaml").write_text(linear.replace("  - sentences\n", ""))
    assert load(tmp_path / "params.yaml").joint.text_model == "some/model"
    (tmp_path / "params.yaml").write_text(linear)
    with pytest.raises(SejeError, match=r"joint.text: a text encoder .* sentences out of joint.linear_reads"):
        load(tmp_path / "params.yaml")
    (tmp_path / "params.yaml").write_text(text.replace("  instructions: true", "  instructions: false"))
    with pytest.raises(SejeError, match=r"joint.text: nothing reads what the encoder says: set joint.instr"):
        load(tmp_path / "params.yaml")


def test_unknown_and_missing_keys(tmp_path):
    text = (ROOT / "params.yaml").read_text().replace("  gamma: 16", "  gama: 16")
    (tmp_path / "params.yaml").write_text(text + "extra: 1\n")
    with pytest.raises(SejeError) as error:
        load(tmp_path / "params.yaml")
    for part in (
        "loss.gamma: is missing",
        "loss.gama: unknown key; known are objective,",
        "extra: unknown key",
    ):
        assert part in str(error.value)


@pytest.mark.parametrize("text", ["", "- 1", "just words", "a: [1", "kitchen: 3", "\x00"])
def test_a_file_that_is_no_params_file(tmp_path, text):
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(SejeError) as error:
        load(tmp_path / "params.yaml")
    assert "\n" not in str(error.value)
