"""What is trained along with the towers, a CNN or a text encoder: its weights, its rate, what it says.

Its weights stand among the towers' under names that begin with CNN or TEXT.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy.typing as npt
from torch import Tensor, nn

from seje.joint.cnn import Cnn
from seje.joint.settings import TrainingSettings
from seje.joint.text import TextEncoder
from seje.towers.joint_model import JointModel

Weights = dict[str, Tensor]
Arrays = Mapping[str, npt.NDArray[Any]]
CNN, TEXT = "cnn.", "text."


def rated(
    cnn: Cnn | None, text: TextEncoder | None, settings: TrainingSettings
) -> list[tuple[nn.Module, float]]:
    """List what is trained along, each with its learning rate."""
    rates = [(cnn, settings.pixels_lr), (text, settings.text_lr)]
    return [(network, rate) for network, rate in rates if network]


def freeze(networks: Iterable[nn.Module], frozen: bool) -> None:
    """Keep networks as they are, or let them learn."""
    for network in networks:
        network.train(not frozen).requires_grad_(not frozen)


def gathered(model: JointModel, cnn: Cnn | None, text: TextEncoder | None) -> Weights:
    """Copy the weights of all that is trained, on the CPU."""
    weights = dict(model.state_dict())
    if cnn:
        weights |= _named(CNN, cnn.backbone.model)
    if text:
        weights |= _named(TEXT, text.model)
    return {name: tensor.detach().cpu().clone() for name, tensor in weights.items()}


def of_towers(weights: Weights) -> Weights:
    """Choose the towers' weights."""
    return {name: weight for name, weight in weights.items() if not name.startswith((CNN, TEXT))}


def under(prefix: str, weights: Weights) -> Weights:
    """Choose the weights whose names begin with CNN or TEXT, under the names of their own network."""
    return {name.removeprefix(prefix): weight for name, weight in weights.items() if name.startswith(prefix)}


def fill(arrays: Arrays, blocks: Iterable[Arrays]) -> None:
    """Write blocks of rows one after another into the arrays of the same names, which hold them all."""
    filled = dict.fromkeys(arrays, 0)
    for block in blocks:
        for name, array in arrays.items():
            array[filled[name] : filled[name] + len(block[name])] = block[name]
            filled[name] += len(block[name])


def _named(prefix: str, network: nn.Module) -> Weights:
    return {f"{prefix}{name}": tensor for name, tensor in network.state_dict().items()}
