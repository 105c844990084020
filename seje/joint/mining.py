"""Which negatives an anchor may take, and the hardest of them (SEJE: double negative sampling)."""

import torch
from torch import Tensor

from seje.joint.background import categorised
from seje.joint.settings import Background


def another_instance(categories: Tensor) -> Tensor:
    """Mask [N, N]: j is not the match of i."""
    size = len(categories)
    return ~torch.eye(size, dtype=torch.bool, device=categories.device)


def another_category(categories: Tensor, background: Background) -> Tensor:
    """Mask [N, N]: the category of j is known to be another than that of i.

    With `ignore`, background anchors have no such negative, and background items are none to any anchor: an
    item of no known category may well be of the anchor's own, and to push those away is what the negatives of
    another category are there to avoid. Both are left to the instance-level negatives.
    """
    known = categorised(categories, background)
    different: Tensor = (categories[:, None] != categories[None, :]) & known[:, None] & known[None, :]
    return different


def hardest(distance: Tensor, allowed: Tensor) -> Tensor:
    """Smallest allowed distance of each row; every row must allow one."""
    return distance.masked_fill(~allowed, float("inf")).amin(dim=1)
