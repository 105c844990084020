import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize

from seje.joint.losses import category_loss, distances, margin_loss, triplet_loss

MARGINS = ["soft", 0.1, 0.3]
NEGATIVES = ["double", "instance", "category"]


def embeddings(size: int, seed: int, dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    images, recipes = (torch.randn(size, 6, generator=generator, dtype=dtype) for _ in range(2))
    return normalize(images, dim=1), normalize(recipes, dim=1)


def naive_margin(positive: float, negative: float, margin: str | float, gamma: float) -> float:
    if margin == "soft":
        return math.log1p(math.exp(gamma * (positive - negative)))
    return max(0.0, positive - negative + float(margin))


def naive_triplet(images, recipes, categories, margin, gamma, negatives) -> float:
    """Loop over anchors of both modalities, look at every candidate, keep the nearest allowed one."""
    total = 0.0
    for kind in ("instance", "category") if negatives == "double" else (negatives,):
        losses = []
        for anchors, others in ((images, recipes), (recipes, images)):
            for i in range(len(categories)):
                positive = math.dist(anchors[i], others[i])
                candidates = [
                    math.dist(anchors[i], others[j])
                    for j in range(len(categories))
                    if (i != j if kind == "instance" else categories[i] != categories[j])
                ]
                if candidates:
                    losses.append(naive_margin(positive, min(candidates), margin, gamma))
        total += sum(losses) / len(losses) if losses else 0.0
    return total


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("negatives", NEGATIVES)
@given(categories=st.lists(st.integers(0, 3), min_size=2, max_size=9), seed=st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_triplet_loss_is_the_naive_loop(margin, negatives, categories, seed):
    images, recipes = embeddings(len(categories), seed)
    loss = triplet_loss(distances(images, recipes), torch.tensor(categories), margin, 16.0, negatives)
    expected = naive_triplet(images.tolist(), recipes.tolist(), categories, margin, 16.0, negatives)
    assert loss.item() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_duplicates_in_a_batch_keep_loss_and_gradient_finite():
    images, _ = embeddings(4, 0)
    images = images[[0, 0, 1, 1]].requires_grad_()
    triplet_loss(distances(images, images), torch.tensor([1, 1, 2, 2]), "soft", 16.0, "double").backward()
    assert images.grad is not None and images.grad.isfinite().all()


def test_one_category_leaves_no_category_negative():
    images, recipes = embeddings(5, 1)
    images.requires_grad_()
    loss = triplet_loss(distances(images, recipes), torch.ones(5, dtype=torch.long), 0.3, 16.0, "category")
    loss.backward()
    assert loss.item() == 0
    assert images.grad is not None and not images.grad.any()


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("negatives", NEGATIVES)
def test_gradient_of_the_triplet_loss(margin, negatives):
    categories = torch.tensor([1, 1, 2, 3])
    images, recipes = (side.requires_grad_() for side in embeddings(4, 3))
    assert torch.autograd.gradcheck(
        lambda v, r: triplet_loss(distances(v, r), categories, margin, 16.0, negatives), (images, recipes)
    )


def test_margins_by_hand():
    positive, negative = torch.tensor([1.0, 0.5]), torch.tensor([0.9, 1.5])
    assert margin_loss(positive, negative, 0.3, 16.0).tolist() == pytest.approx([0.4, 0.0])
    soft = margin_loss(positive, negative, "soft", 16.0).tolist()
    assert soft == pytest.approx([math.log1p(math.exp(1.6)), math.log1p(math.exp(-16.0))], rel=1e-5)


def test_category_loss_leaves_background_out():
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    categories = torch.tensor([0, 1, 2, 0])
    expected = -sum(logits[i].log_softmax(0)[c] for i, c in ((1, 1), (2, 2))) / 2
    assert category_loss(logits, categories).item() == pytest.approx(expected.item(), rel=1e-5)
    assert category_loss(logits, torch.zeros(4, dtype=torch.long)).item() == 0
