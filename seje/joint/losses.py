"""Losses of the joint embedding on unit vectors (SEJE, phase II).

Shapes: N pairs in the batch, E embedding, C categories. Row i of both sides is one pair.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, relu, softplus

from seje.joint.mining import another_category, another_instance, hardest

Margin = Literal["soft"] | float
Negatives = Literal["double", "instance", "category"]


def distances(images: Tensor, recipes: Tensor) -> Tensor:
    """Euclidean distances (N, N) of unit vectors, 0 to 2: sqrt(2 - 2 cos)."""
    # The floor keeps the root's gradient finite where two vectors are equal.
    return (2 - 2 * images @ recipes.T).clamp_min(1e-8).sqrt()


def margin_loss(positive: Tensor, negative: Tensor, margin: Margin, gamma: float) -> Tensor:
    """Loss of each triplet from its two distances, same shape.

    soft: log(1 + exp(gamma (d_ap - d_an))); a number m: max(0, d_ap - d_an + m).
    """
    if margin == "soft":
        return softplus(gamma * (positive - negative))
    return relu(positive - negative + margin)


def triplet_loss(
    distance: Tensor, categories: Tensor, margin: Margin, gamma: float, negatives: Negatives
) -> Tensor:
    """Batch-hard triplet loss in both directions, with double negative sampling.

    Each of the 2N anchors has its match as positive and, as negative, the hardest of all others (`instance`),
    the hardest of another category (`category`), or both in two terms of equal weight (`double`). An anchor
    with no such negative in the batch is left out of that term's mean.

    Args:
        distance: (N, N), photo i to recipe j.
        categories: (N,) category of each pair.
    """
    both = torch.cat([distance, distance.T])  # (2N, N): photos, then recipes, as anchors
    positive = distance.diagonal().repeat(2)
    masks = {"instance": another_instance(categories), "category": another_category(categories)}
    chosen = masks.values() if negatives == "double" else [masks[negatives]]
    terms = [_mean_over_anchors(both, positive, mask.repeat(2, 1), margin, gamma) for mask in chosen]
    return torch.stack(terms).sum()


def category_loss(logits: Tensor, categories: Tensor) -> Tensor:
    """Cross-entropy (scalar) of logits (N, C) against the pairs' categories; background (0) is left out."""
    losses = cross_entropy(logits, categories, ignore_index=0, reduction="sum")
    return losses / (categories > 0).sum().clamp_min(1)


def _mean_over_anchors(
    distance: Tensor, positive: Tensor, allowed: Tensor, margin: Margin, gamma: float
) -> Tensor:
    found = allowed.any(dim=1)
    if not found.any():
        return distance.sum() * 0  # keeps the graph, adds nothing
    losses = margin_loss(positive[found], hardest(distance[found], allowed[found]), margin, gamma)
    return losses.mean()
