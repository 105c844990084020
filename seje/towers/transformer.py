"""A small hierarchical transformer over a recipe's title, ingredient lines and instructions.

In the manner of H-T (Salvador et al., Revamping Cross-Modal Recipe Retrieval, CVPR 2021), with the sentence
vectors of phase I in place of words. Shapes: B batch, T lines, H sentence vector, W width.
"""

import math
from typing import cast

import torch
from torch import Tensor, nn

from seje.towers.features import RecipeBatch

HEADS = 4  # at most: fewer where they do not divide the width
LARGEST_PERIOD = 10_000.0  # of the sines that tell an instruction's place (Vaswani et al., 2017)


class RecipeReader(nn.Module):
    """One layer over ingredient lines, one over instructions in their order, one over the three parts."""

    def __init__(self, sentence: int, width: int, dropout: float) -> None:
        super().__init__()
        self.scale = math.sqrt(sentence)
        self.project = nn.Linear(sentence, width)
        self.ingredients, self.instructions, self.parts = (_layer(width, dropout) for _ in range(3))
        self.kinds = nn.Parameter(torch.randn(3, width) / math.sqrt(width))

    def forward(self, batch: RecipeBatch) -> tuple[Tensor, Tensor]:
        """Read recipes: vectors [B, W], and whether there was anything to read [B]."""
        assert batch.lines is not None and batch.line_lengths is not None
        lines = self.project(self.scale * batch.lines)
        steps = self.project(self.scale * batch.sentences)
        counts = torch.stack([batch.line_lengths - 1, batch.lengths], dim=1).to(lines.device)
        present = torch.cat([batch.lines[:, :1].any(dim=2), counts > 0], dim=1)  # [B, 3]
        ingredients = _pool(self.ingredients, lines[:, 1:], _inside(lines[:, 1:], counts[:, 0]))
        instructions = _pool(self.instructions, steps + _waves(steps), _inside(steps, counts[:, 1]))
        parts = torch.stack([lines[:, 0], ingredients, instructions], dim=1) + self.kinds
        found = present.any(dim=1)
        return _pool(self.parts, parts, present | ~found[:, None]), found


def _layer(width: int, dropout: float) -> nn.TransformerEncoderLayer:
    heads = math.gcd(HEADS, width)
    return nn.TransformerEncoderLayer(
        width, heads, 2 * width, dropout, "gelu", batch_first=True, norm_first=True
    )


def _inside(lines: Tensor, counts: Tensor) -> Tensor:
    """Mask [B, T] of the lines that are there; one for a recipe without any, or attention has no sum."""
    return torch.arange(lines.shape[1], device=lines.device) < counts.clamp_min(1)[:, None]


def _pool(layer: nn.Module, vectors: Tensor, inside: Tensor) -> Tensor:
    """Mean [B, W] of what the layer makes of the vectors [B, T, W] that are inside."""
    read = cast(Tensor, layer(vectors, src_key_padding_mask=~inside))
    weights = inside.to(read.dtype)[:, :, None]
    return (read * weights).sum(dim=1) / weights.sum(dim=1)


def _waves(lines: Tensor) -> Tensor:
    """Sines and cosines [T, W] of the places of lines [B, T, W]."""
    count, width = lines.shape[1:]
    halves = torch.arange(-(-width // 2), device=lines.device)
    angles = torch.arange(count, device=lines.device)[:, None] / LARGEST_PERIOD ** (2 * halves / width)
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :width].to(lines.dtype)
