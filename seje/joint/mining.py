"""Which negatives an anchor may take, and the hardest of them (SEJE: double negative sampling)."""

import torch
from torch import Tensor


def another_instance(categories: Tensor) -> Tensor:
    """Mask (N, N): j is not the match of i."""
    size = len(categories)
    return ~torch.eye(size, dtype=torch.bool, device=categories.device)


def another_category(categories: Tensor) -> Tensor:
    """Mask (N, N): the category of j is not that of i; background counts as one category."""
    return categories[:, None] != categories[None, :]


def hardest(distance: Tensor, allowed: Tensor) -> Tensor:
    """Smallest allowed distance of each row; every row must allow one."""
    return distance.masked_fill(~allowed, float("inf")).amin(dim=1)
