"""Weights of a module, and what rebuilds it, as the stages write them."""

import json
from pathlib import Path
from typing import Any


def load_weights(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a state dict of a safetensors file, and its config of the JSON file beside it."""
    from safetensors.torch import load_file

    config = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return load_file(path), config
