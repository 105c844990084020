"""Losses of the joint embedding on unit vectors (SEJE, phase II).

Shapes: N pairs in the batch, E embedding, C categories. Row i of both sides is one pair. Each function takes
tensors of any floating type on any device, and can be used without the rest of the package.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, relu, softplus

from seje.joint.background import categorised
from seje.joint.mining import another_category, another_instance, hardest
from seje.joint.settings import Background, Margin, Negatives

START, COLDEST = 0.07, 0.01  # of the learned temperature, as in CLIP
LEFT_OUT = -1  # in place of a category that the cross-entropy is not to see
MATCHED = 0.2  # share of matching pairs that im2recipe draws for its cosine loss


def distances(images: Tensor, recipes: Tensor) -> Tensor:
    """Euclidean distances [N, N] of unit vectors [N, E], 0 to 2: sqrt(2 - 2 cos).

    Narrow types are computed in float32: in bfloat16 neighbours would fall onto one distance.
    """
    wide = torch.promote_types(images.dtype, torch.float32)
    with torch.autocast(images.device.type, enabled=False):
        cosines = images.to(wide) @ recipes.to(wide).T
    # The floor keeps the root's gradient finite where two vectors are equal.
    return (2 - 2 * cosines).clamp_min(1e-8).sqrt()


def margin_loss(positive: Tensor, negative: Tensor, margin: Margin, gamma: float) -> Tensor:
    """Loss of each triplet from its two distances, in the shape of both together.

    soft: log(1 + exp(gamma (d_ap - d_an))); a number m: max(0, d_ap - d_an + m).
    """
    if margin == "soft":
        return softplus(gamma * (positive - negative))
    return relu(positive - negative + margin)


def triplet_loss(
    distance: Tensor,
    categories: Tensor,
    margin: Margin,
    gamma: float,
    negatives: Negatives,
    background: Background,
) -> Tensor:
    """Triplet loss (scalar) in both directions; its hard negatives are those of double negative sampling.

    Each of the 2N anchors has its match as positive and, as negative, the hardest of all others (`instance`),
    the hardest of another category (`category`), or both in two terms of equal weight (`double`). An anchor
    with no such negative in the batch is left out of that term's mean. `all` takes every other as negative
    and means over the active triplets: those that lose more than nothing (AdaMine).

    Args:
        distance: [N, N], photo i to recipe j.
        categories: [N] category of each pair.
        background: whether pairs of the background (0) have a category, for `another_category`.
    """
    both = torch.cat([distance, distance.T])  # (2N, N): photos, then recipes, as anchors
    positive = distance.diagonal().repeat(2)
    if negatives == "all":
        others = another_instance(categories).repeat(2, 1)
        return _mean_over_active(margin_loss(positive[:, None], both, margin, gamma)[others], distance)
    masks = {
        "instance": another_instance(categories),
        "category": another_category(categories, background),
    }
    chosen = masks.values() if negatives == "double" else [masks[negatives]]
    terms = [_mean_over_anchors(both, positive, mask.repeat(2, 1), margin, gamma) for mask in chosen]
    return torch.stack(terms).sum()


def infonce_loss(distance: Tensor, temperature: Tensor | float) -> Tensor:
    """Cross-entropy (scalar) of finding each match among all N, the mean of both directions (InfoNCE, CLIP).

    -log(exp(c_ii / t) / sum_j exp(c_ij / t)) with the cosine c = 1 - d^2 / 2.

    Args:
        distance: [N, N], photo i to recipe j.
        temperature: t, positive; scalar.
    """
    logits = (1 - distance.square() / 2) / temperature
    match = torch.arange(len(logits), device=logits.device)
    return (cross_entropy(logits, match) + cross_entropy(logits.T, match)) / 2


def cosine_loss(distance: Tensor, margin: float) -> Tensor:
    """Cosine loss (scalar) of im2recipe (Salvador et al., CVPR 2017): matches together, all others apart.

    0.2 mean_i (1 - c_ii) + 0.8 mean_{i != j} max(0, c_ij - margin) with the cosine c = 1 - d^2 / 2: what its
    draws, a fifth of them matching pairs, come to on average.

    Args:
        distance: [N, N], photo i to recipe j.
        margin: cosine below which a mismatched pair costs nothing.
    """
    cosines = 1 - distance.square() / 2
    matched = (1 - cosines.diagonal()).mean()
    others = ~torch.eye(len(cosines), dtype=torch.bool, device=cosines.device)
    mismatched = relu(cosines[others] - margin).sum() / others.sum().clamp_min(1)
    return MATCHED * matched + (1 - MATCHED) * mismatched


class Temperature(nn.Module):
    """Learned temperature of InfoNCE: starts at 0.07, never falls below 0.01 (CLIP)."""

    def __init__(self) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.tensor(START).log())

    def forward(self) -> Tensor:
        """Temperature as it is now (scalar)."""
        return self.log.exp()

    @torch.no_grad()
    def hold(self) -> None:
        """Put it back to the coldest where a step has taken it below.

        A floor within `forward` would leave it without a gradient there, for ever.
        """
        self.log.clamp_(min=math.log(COLDEST))


def category_loss(logits: Tensor, categories: Tensor, background: Background) -> Tensor:
    """Cross-entropy (scalar) of logits [N, C] against the pairs' categories [N]: category alignment, L_CA.

    Background (category 0) is left out (`ignore`; 0 where all are), or is a category like any (`class`).
    """
    known: Tensor = categorised(categories, background)
    losses = cross_entropy(logits, categories.where(known, LEFT_OUT), ignore_index=LEFT_OUT, reduction="sum")
    return losses / known.sum().clamp_min(1)


def _mean_over_anchors(
    distance: Tensor, positive: Tensor, allowed: Tensor, margin: Margin, gamma: float
) -> Tensor:
    found = allowed.any(dim=1)
    if not found.any():
        return distance.sum() * 0  # keeps the graph, adds nothing
    losses = margin_loss(positive[found], hardest(distance[found], allowed[found]), margin, gamma)
    return losses.mean()


def _mean_over_active(losses: Tensor, distance: Tensor) -> Tensor:
    if not len(losses):
        return distance.sum() * 0
    return losses.sum() / (losses > 0).sum().clamp_min(1)
