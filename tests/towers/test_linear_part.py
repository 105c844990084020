import numpy as np
import pytest
import torch

from seje.errors import SejeError
from seje.towers.linear_part import LinearPart


def fitted(recipe, image, size, blocks, ridge, batch=7):
    part = LinearPart(recipe.shape[1], image.shape[1], size)
    part.fit(zip(recipe.split(batch), image.split(batch), strict=True), blocks, ridge)
    return part


def test_axes_are_canonical_ones_without_a_ridge():
    """Scores have unit variance times the correlation, and match one another only."""
    torch.manual_seed(0)
    shared = torch.randn(300, 3, dtype=torch.float64)
    recipe = torch.cat([shared + 0.3 * torch.randn(300, 3), torch.randn(300, 2)], dim=1).double() + 5
    image = (shared @ torch.randn(3, 4).double() + 0.5 * torch.randn(300, 4)).double()
    part = fitted(recipe, image, 4, ([3, 2], [4]), ridge=1e-9).double()
    x = (recipe - part.recipe_mean) @ part.recipe_axes
    y = (image - part.image_mean) @ part.image_axes
    correlations = x.var(dim=0, correction=0).sqrt()
    assert (y.var(dim=0, correction=0).sqrt() - correlations).abs().max() < 1e-3
    crossed = (x.T @ y / 300) / (correlations[:, None] * correlations)
    assert (crossed - torch.diag(correlations)).abs().max() < 1e-3

    def correlation(a, b):
        return np.corrcoef(a, b)[0, 1]

    tried = torch.randn(2000, 5).double(), torch.randn(2000, 4).double()
    best = max(
        abs(correlation((recipe @ a).numpy(), (image @ b).numpy())) for a, b in zip(*tried, strict=True)
    )
    assert best <= correlations[0] + 1e-3  # no other pair of axes correlates more


def test_batches_and_the_scale_of_a_block_do_not_matter():
    torch.manual_seed(1)
    recipe, image = torch.randn(50, 6), torch.randn(50, 4)
    one = fitted(recipe, image, 3, ([2, 4], [4]), 2.0)
    other = fitted(
        recipe * torch.tensor([10.0] * 2 + [1.0] * 4), 100 * image, 3, ([2, 4], [4]), 2.0, batch=50
    )
    scaled = recipe * torch.tensor([10.0] * 2 + [1.0] * 4)
    similarity = one.recipe(recipe) @ one.image(image).T
    assert similarity.numpy() == pytest.approx(
        (other.recipe(scaled) @ other.image(100 * image).T).numpy(), abs=1e-4
    )


def test_a_ridge_shrinks_what_is_learnt_of_noise():
    torch.manual_seed(2)
    recipe, image = torch.randn(30, 20), torch.randn(30, 20)
    agreement = [
        (part.recipe(recipe) * part.image(image)).sum(dim=1).mean().item()
        for part in (fitted(recipe, image, 20, ([20], [20]), ridge) for ridge in (1e-6, 1.0, 100.0))
    ]
    assert agreement == sorted(agreement, reverse=True)


@pytest.mark.parametrize("width", [0, 2])
def test_constant_and_empty_blocks_are_finite(width):
    recipe = torch.cat([torch.randn(20, 3), torch.ones(20, width)], dim=1)
    part = fitted(recipe, torch.randn(20, 9), 30, ([3, width], [9]), 2.0)
    assert torch.isfinite(part.recipe(recipe)).all()
    assert not part.image_axes[:, 3 + width :].any()  # no more axes than the narrower side has


@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
def test_features_that_are_not_finite_are_refused(odd):
    recipe, image = torch.randn(9, 3), torch.randn(9, 4)
    image[8, 1] = odd
    with pytest.raises(SejeError, match=r"joint.linear: the features of train pairs are not finite"):
        fitted(recipe, image, 2, ([3], [4]), ridge=1.0)
