"""Weights from files, under the names of the model that they were made by."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from seje.errors import SejeError


def read_state(path: Path) -> dict[str, Tensor]:
    """Read safetensors or a plain state dict; nothing in the file is run."""
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the two readers raise a dozen kinds between them
        reason = " ".join(str(error).split())[:160]
        raise SejeError(
            f"categories.weights: {path} is neither none, imagenet nor a readable state dict ({reason})"
        ) from None
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise SejeError(f"categories.weights: {path} is not a plain state dict (names and tensors)")
    return state


def load_body(model: nn.Module, state: dict[str, Any], source: str) -> None:
    """Fill a model without its head; raises SejeError where a tensor is missing or of another shape."""
    own = model.state_dict()
    wrong = [name for name in own if name not in state or state[name].shape != own[name].shape]
    if wrong:
        raise SejeError(
            f"categories.weights: {source} is not of this backbone: {len(wrong)} of {len(own)} tensors are "
            f"missing or of another shape, as {wrong[0]}; set categories.backbone to the model it was made by"
        )
    model.load_state_dict({name: state[name] for name in own})


def load_head(head: nn.Linear, state: dict[str, Any], prefix: str) -> bool:
    """Fill a head if the state holds one of its shape under names that begin so; says whether it does.

    Weights for other classes are of no use to it.
    """
    shapes = {name: tensor.shape for name, tensor in head.state_dict().items()}
    given = {name: state[prefix + name] for name in shapes if prefix + name in state}
    fits = {name: tensor.shape for name, tensor in given.items()} == shapes
    if fits:
        head.load_state_dict(given)
    return fits
