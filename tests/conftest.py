"""What tests share: the repository, the shared real data, small params, and two threads for torch."""

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
torch.set_num_threads(2)

# A pipeline of seconds: every stage does its work, none does it well.
SMALL: dict[str, dict[str, Any]] = {
    "kitchen": {"recipes": 120, "pixels": 48, "labelled_train": 3, "labelled_test": 1},
    "images": {"size": 40},
    "word2vec": {"vector_size": 24, "epochs": 2},
    "keyterms": {"hidden": 16, "epochs": 1},
    "instructions": {"hidden": 32, "epochs": 1},
    "categories": {"backbone": "resnet18", "epochs": 1, "min_train": 2, "precision": "32"},
    "joint": {"embedding": 64, "recurrent": 32, "epochs": 12},
    "evaluation": {"pools": [10, 1000]},
}


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data beside the repository")
    return SHARED


def small_params(**changes: dict[str, Any]) -> str:
    """params.yaml with small sizes, and then the changes of some sections, as text."""
    data = yaml.safe_load((ROOT / "params.yaml").read_text())
    for overrides in (SMALL, changes):
        for section, values in overrides.items():
            data[section] |= values
    return yaml.safe_dump(data, sort_keys=False).replace(": null\n", ":\n")  # as DVC writes it
