"""A linear part of the joint embedding in closed form: canonical correlation analysis with a ridge.

Not of the paper. Vinod, Canonical ridge and econometrics of joint production, 1976. It has nothing to
overfit but two covariances, which is what small data needs; the trained part sees what is not linear.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from seje.errors import SejeError
from seje.towers.finite import CURE

Doubles = npt.NDArray[np.float64]


class LinearPart(nn.Module):
    """Centred features times a matrix, for both sides: buffers, which no optimiser touches."""

    recipe_mean: Tensor
    recipe_axes: Tensor
    image_mean: Tensor
    image_axes: Tensor

    def __init__(self, recipe: int, image: int, size: int) -> None:
        super().__init__()
        for side, inputs in (("recipe", recipe), ("image", image)):
            self.register_buffer(f"{side}_mean", torch.zeros(inputs))
            self.register_buffer(f"{side}_axes", torch.zeros(inputs, size))

    def recipe(self, features: Tensor) -> Tensor:
        """Project recipe features [B, D]: unit vectors [B, L]."""
        return normalize((features - self.recipe_mean) @ self.recipe_axes, dim=1)

    def image(self, features: Tensor) -> Tensor:
        """Project photo features [B, F]: unit vectors [B, L]."""
        return normalize((features - self.image_mean) @ self.image_axes, dim=1)

    def fit(
        self,
        pairs: Iterable[tuple[Tensor, Tensor]],
        blocks: tuple[Sequence[int], Sequence[int]],
        ridge: float,
    ) -> None:
        """Solve for the axes. `pairs` yields matching features [B, D] and [B, F], read once.

        Raises SejeError where they are not finite.

        Args:
            pairs: features of all training pairs, batch by batch.
            blocks: widths of the features that D and F are made of; each gets the same total variance.
            ridge: added to the covariances, in units of their mean variance.
        """
        mean, covariance = _moments(pairs)
        if not np.isfinite(covariance).all():
            raise SejeError(f"joint.linear: the features of train pairs are not finite: {CURE}")
        split = len(self.recipe_mean)
        scale = np.concatenate([_block_scale(variances, widths) for variances, widths in zip(
            np.split(covariance.diagonal(), [split]), blocks, strict=True)])  # fmt: skip
        covariance = covariance * scale * scale[:, None]
        roots = [
            _inverse_root(part, ridge) for part in (covariance[:split, :split], covariance[split:, split:])
        ]
        left, correlations, right = np.linalg.svd(roots[0] @ covariance[:split, split:] @ roots[1])
        for side, root, vectors, rows in (
            ("recipe", roots[0], left, slice(None, split)),
            ("image", roots[1], right.T, slice(split, None)),
        ):
            kept = min(len(correlations), self.recipe_axes.shape[1])
            axes = scale[rows, None] * (root @ vectors[:, :kept] * correlations[:kept])
            getattr(self, f"{side}_mean").copy_(torch.from_numpy(mean[rows]))
            getattr(self, f"{side}_axes")[:, :kept].copy_(torch.from_numpy(axes))


def _moments(pairs: Iterable[tuple[Tensor, Tensor]]) -> tuple[Doubles, Doubles]:
    """Mean [D + F] and covariance [D + F, D + F] of both sides side by side."""
    count, total, products = 0, np.zeros(0), np.zeros((0, 0))
    for recipe, image in pairs:
        both = torch.cat([recipe, image], dim=1).double().numpy()
        count += len(both)
        total = both.sum(axis=0) + (total if total.size else 0)
        products = both.T @ both + (products if products.size else 0)
    mean = total / count
    with np.errstate(invalid="ignore"):  # who asks looks at what comes of NaN and infinity
        return mean, products / count - np.outer(mean, mean)


def _block_scale(variances: Doubles, widths: Sequence[int]) -> Doubles:
    """Give what scales each block to a total variance of 1; constant blocks keep theirs."""
    totals = [block.sum() for block in np.split(variances, np.cumsum(widths)[:-1])]
    return np.repeat([1 / np.sqrt(total) if total > 0 else 1.0 for total in totals], widths)


def _inverse_root(covariance: Doubles, ridge: float) -> Doubles:
    values, vectors = np.linalg.eigh(
        covariance + ridge * covariance.trace() / len(covariance) * np.eye(len(covariance))
    )
    safe = np.where(values > 0, values, np.inf)  # directions without variance are left out
    return np.asarray(vectors / np.sqrt(safe) @ vectors.T)
