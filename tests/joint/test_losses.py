import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize

from seje.joint.losses import (
    Temperature,
    category_loss,
    cosine_loss,
    distances,
    infonce_loss,
    margin_loss,
    triplet_loss,
)
from seje.joint.mining import another_category

MARGINS = ["soft", 0.1, 0.3]
NEGATIVES = ["double", "instance", "category", "all"]
BACKGROUNDS = ["ignore", "class"]


def embeddings(size: int, seed: int, dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    images, recipes = (torch.randn(size, 6, generator=generator, dtype=dtype) for _ in range(2))
    return normalize(images, dim=1), normalize(recipes, dim=1)


def naive_margin(positive: float, negative: float, margin: str | float, gamma: float) -> float:
    if margin == "soft":
        return math.log1p(math.exp(gamma * (positive - negative)))
    return max(0.0, positive - negative + float(margin))


def naive_distances(cosines: list[list[float]]) -> list[list[float]]:
    return [[math.sqrt(max(2 - 2 * cosine, 1e-8)) for cosine in row] for row in cosines]


def differ(one: int, other: int, background: str) -> bool:
    """Whether two categories are known to differ."""
    return one != other and (background == "class" or (one > 0 and other > 0))


def triplet_of(distance, categories, margin, negatives, background) -> float:
    """Loop over anchors of both modalities and look at every candidate."""
    sides = [distance, [list(column) for column in zip(*distance, strict=True)]]
    size, total = range(len(categories)), 0.0
    if negatives == "all":
        losses = [
            naive_margin(d[i][i], d[i][j], margin, 16.0) for d in sides for i in size for j in size if i != j
        ]
        active = [loss for loss in losses if loss > 0]
        return sum(active) / len(active) if active else 0.0
    for kind in ("instance", "category") if negatives == "double" else (negatives,):
        losses = []
        for d in sides:
            for i in size:
                allowed = [
                    j
                    for j in size
                    if (i != j if kind == "instance" else differ(categories[i], categories[j], background))
                ]
                if allowed:
                    losses.append(max(naive_margin(d[i][i], d[i][j], margin, 16.0) for j in allowed))
        total += sum(losses) / len(losses) if losses else 0.0
    return total


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("negatives", NEGATIVES)
@pytest.mark.parametrize("background", BACKGROUNDS)
@given(categories=st.lists(st.integers(0, 3), min_size=2, max_size=9), seed=st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_triplet_loss_is_the_naive_loop(margin, negatives, background, categories, seed):
    images, recipes = embeddings(len(categories), seed)
    chosen = margin, 16.0, negatives, background
    loss = triplet_loss(distances(images, recipes), torch.tensor(categories), *chosen)
    near = naive_distances((images @ recipes.T).tolist())
    expected = triplet_of(near, categories, margin, negatives, background)
    assert loss.item() == pytest.approx(expected, rel=1e-6, abs=1e-6)


BATCHES = {"one category": [1] * 6, "all different": [0, 1, 2, 3, 4, 5], "mixed": [0, 0, 1, 1, 2, 3]}


@pytest.mark.parametrize(
    "dtype, close", [(torch.float64, 1e-6), (torch.float32, 1e-4), (torch.bfloat16, 1e-3)]
)
@pytest.mark.parametrize("kind", BATCHES)
@pytest.mark.parametrize("duplicates", [False, True])
@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("negatives", NEGATIVES)
def test_triplet_loss_in_each_type(negatives, margin, duplicates, kind, dtype, close):
    images, recipes = (side.to(dtype) for side in embeddings(6, 7))
    if duplicates:
        images, recipes = images[[0, 0, 1, 2, 2, 3]], recipes[[0, 0, 1, 2, 2, 3]]
    cosines = images.double() @ recipes.double().T
    chosen = margin, 16.0, negatives, "class"
    loss = triplet_loss(distances(images, recipes), torch.tensor(BATCHES[kind]), *chosen)
    expected = triplet_of(naive_distances(cosines.tolist()), BATCHES[kind], margin, negatives, "class")
    assert loss.item() == pytest.approx(expected, rel=close, abs=close)


@given(size=st.integers(1, 7), seed=st.integers(0, 2**31), temperature=st.floats(0.05, 2))
@settings(max_examples=30, deadline=None)
def test_infonce_is_the_naive_loop(size, seed, temperature):
    images, recipes = embeddings(size, seed)
    total = 0.0
    for anchors, others in ((images, recipes), (recipes, images)):
        for i in range(size):
            scores = [math.exp(float(anchors[i] @ others[j]) / temperature) for j in range(size)]
            total -= math.log(scores[i] / sum(scores)) / (2 * size)
    loss = infonce_loss(distances(images, recipes), temperature)
    assert loss.item() == pytest.approx(total, rel=1e-6, abs=1e-6)


def cosine_of(cosines: list[list[float]], margin: float) -> float:
    size = range(len(cosines))
    matched = [1 - cosines[i][i] for i in size]
    others = [max(0.0, cosines[i][j] - margin) for i in size for j in size if i != j]
    return 0.2 * sum(matched) / len(matched) + (0.8 * sum(others) / len(others) if others else 0.0)


@given(size=st.integers(1, 7), seed=st.integers(0, 2**31), margin=st.floats(0.01, 1))
@settings(max_examples=30, deadline=None)
def test_cosine_loss_is_the_naive_loop(size, seed, margin):
    images, recipes = embeddings(size, seed)
    loss = cosine_loss(distances(images, recipes), margin)
    assert loss.item() == pytest.approx(cosine_of((images @ recipes.T).tolist(), margin), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    "dtype, close", [(torch.float64, 1e-6), (torch.float32, 1e-4), (torch.bfloat16, 1e-3)]
)
@pytest.mark.parametrize("duplicates", [False, True])
def test_losses_of_a_whole_batch_in_each_type(duplicates, dtype, close):
    images, recipes = (side.to(dtype) for side in embeddings(6, 7))
    if duplicates:
        images, recipes = images[[0, 0, 1, 2, 2, 3]], recipes[[0, 0, 1, 2, 2, 3]]
    distance, cosines = distances(images, recipes), images.double() @ recipes.double().T
    logits = cosines / 0.2
    found = [-side.log_softmax(1).diagonal().mean().item() / 2 for side in (logits, logits.T)]
    assert infonce_loss(distance, 0.2).item() == pytest.approx(sum(found), rel=close, abs=close)
    expected = cosine_of(cosines.tolist(), 0.1)
    assert cosine_loss(distance, 0.1).item() == pytest.approx(expected, rel=close, abs=close)


def test_gradient_of_the_cosine_and_category_losses():
    images, recipes = (side.requires_grad_() for side in embeddings(4, 3))
    assert torch.autograd.gradcheck(lambda v, r: cosine_loss(distances(v, r), 0.1), (images, recipes))
    categories = torch.tensor([0, 1, 2, 5])
    for background in ("ignore", "class"):
        assert torch.autograd.gradcheck(lambda x, b=background: category_loss(x, categories, b), (images,))


def test_gradient_of_infonce_also_for_the_temperature():
    temperature = Temperature().double()
    assert temperature().item() == pytest.approx(0.07)
    images, recipes = (side.requires_grad_() for side in embeddings(4, 3))
    assert torch.autograd.gradcheck(
        lambda v, r, t: infonce_loss(distances(v, r), t), (images, recipes, temperature())
    )


def test_duplicates_in_a_batch_keep_loss_and_gradient_finite():
    images, _ = embeddings(4, 0)
    images = images[[0, 0, 1, 1]].requires_grad_()
    categories = torch.tensor([1, 1, 2, 2])
    triplet_loss(distances(images, images), categories, "soft", 16.0, "double", "ignore").backward()
    assert images.grad is not None and images.grad.isfinite().all()


@pytest.mark.parametrize("categories", [[1] * 5, [0] * 5, [0, 0, 0, 0, 1]])
def test_one_category_leaves_no_category_negative(categories):
    images, recipes = embeddings(5, 1)
    images.requires_grad_()
    chosen = 0.3, 16.0, "category", "ignore"
    loss = triplet_loss(distances(images, recipes), torch.tensor(categories), *chosen)
    loss.backward()
    assert loss.item() == 0
    assert images.grad is not None and not images.grad.any()


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("negatives", NEGATIVES)
def test_gradient_of_the_triplet_loss(margin, negatives):
    categories, chosen = torch.tensor([1, 1, 2, 0]), (margin, 16.0, negatives, "ignore")
    images, recipes = (side.requires_grad_() for side in embeddings(4, 3))
    assert torch.autograd.gradcheck(
        lambda v, r: triplet_loss(distances(v, r), categories, *chosen), (images, recipes)
    )


def test_margins_by_hand():
    positive, negative = torch.tensor([1.0, 0.5]), torch.tensor([0.9, 1.5])
    assert margin_loss(positive, negative, 0.3, 16.0).tolist() == pytest.approx([0.4, 0.0])
    soft = margin_loss(positive, negative, "soft", 16.0).tolist()
    assert soft == pytest.approx([math.log1p(math.exp(1.6)), math.log1p(math.exp(-16.0))], rel=1e-5)


@pytest.mark.parametrize("background", BACKGROUNDS)
@given(categories=st.lists(st.integers(0, 2), min_size=1, max_size=7), seed=st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_category_loss_is_the_naive_loop(background, categories, seed):
    logits = torch.randn(len(categories), 3, generator=torch.Generator().manual_seed(seed))
    losses = [
        -row.log_softmax(0)[category].item()
        for row, category in zip(logits, categories, strict=True)
        if background == "class" or category > 0
    ]
    loss = category_loss(logits, torch.tensor(categories), background)
    assert loss.item() == pytest.approx(sum(losses) / max(1, len(losses)), rel=1e-5)


@given(categories=st.lists(st.integers(0, 3), min_size=1, max_size=9))
def test_background_has_neither_alignment_nor_category_negatives_or_both(categories):
    """One decision for all: who has a loss of its category has negatives of other ones, and nobody else."""
    shown = torch.tensor(categories)
    for background in BACKGROUNDS:
        known = [background == "class" or category > 0 for category in categories]
        logits = torch.zeros(len(categories), 4, requires_grad=True)
        category_loss(logits, shown, background).backward()
        assert logits.grad.any(dim=1).tolist() == known
        for mask in (another_category(shown, background), another_category(shown, background).T):
            for i, row in enumerate(mask.tolist()):
                others = [j for j, two in enumerate(categories) if known[j] and two != categories[i]]
                assert [j for j, allowed in enumerate(row) if allowed] == (others if known[i] else [])


def test_the_temperature_comes_back_from_its_floor():
    temperature = Temperature()
    optimiser = torch.optim.Adam(temperature.parameters(), 0.1)
    seen = []
    for direction in [1] * 60 + [-1] * 60:  # colder is better, then warmer
        optimiser.zero_grad()
        (direction * temperature()).backward()
        optimiser.step()
        temperature.hold()
        seen.append(temperature().item())
    assert min(seen) == pytest.approx(0.01, rel=1e-5) and seen[59] == min(seen)
    assert seen[-1] > 0.1
