"""Refusal of a training whose numbers are not finite any more: no step brings them back."""

import math
from collections.abc import Mapping

import torch

from seje.errors import SejeError
from seje.towers import distributed
from seje.towers.finite import CURE


class NotFinite(SejeError):
    """A loss is not finite; `parts` says which of its parts are what."""

    def __init__(self, parts: str) -> None:
        self.parts = parts
        cure = "try a smaller joint.lr or loss.gamma"
        super().__init__(f"joint: the loss is not finite ({parts}): {cure}")


def need_finite_loss(parts: Mapping[str, float], device: torch.device) -> None:
    """Raise NotFinite, in all processes, where a part of the loss is not finite in one of them."""
    finite = all(math.isfinite(value) for value in parts.values())
    if distributed.anyone(not finite, device):
        raise NotFinite(", ".join(f"{name} {value:.4g}" for name, value in parts.items()))


def need_finite_measures(measured: Mapping[str, float], epoch: int) -> None:
    """Raise SejeError where something that val measures in an epoch is not finite."""
    told = ", ".join(f"{name} {value}" for name, value in measured.items() if not math.isfinite(value))
    if told:
        raise SejeError(f"joint: what val measures in epoch {epoch} is not finite ({told}): {CURE}")
