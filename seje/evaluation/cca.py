"""A baseline in closed form: canonical correlation of what both towers read, tuned on val as training is.

Hotelling, Relations between two sets of variates, 1936, with the ridge of Vinod, Canonical ridge and
econometrics of joint production, 1976. Features come in named blocks; every block counts as much as any
other, whatever its scale. Which blocks are read, the ridge and the number of axes are those with the best
score on val. With words and pixels alone this is what `joint.linear` puts beside the trained towers.

Shapes: B batch, D features of a recipe, F of a photo, L axes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve, cholesky, eigh, solve_triangular

from seje.retrieval.ranks import Embeddings

RIDGES = (0.1, 0.5, 2.0, 8.0)  # added to the covariances, in units of their mean variance
DIMENSIONS = (30, 100, 300)  # axes that are kept

Blocks = Mapping[str, npt.NDArray[np.floating[Any]]]  # features of some items by name, [B, *] each
Doubles = npt.NDArray[np.float64]
Columns = npt.NDArray[np.int64]
Score = Callable[[Embeddings, Embeddings], float]


@dataclass(frozen=True)
class Choice:
    """What val chose: the blocks that are read of either side, the ridge, and the number of axes."""

    recipe: tuple[str, ...]
    photo: tuple[str, ...]
    ridge: float
    dimensions: int


class Projection(NamedTuple):
    """Mean [D] and axes [D, L] of one side; a block that is not read has axes of zeros."""

    mean: Doubles
    axes: Doubles

    def embed(self, blocks: Blocks) -> Embeddings:
        """Embed items, given as blocks [B, *]: unit vectors [B, L], zeros where there is nothing to tell."""
        return _unit((_joined(blocks) - self.mean) @ self.axes)


class Cca(NamedTuple):
    """A fitted baseline: its projections, what val chose and the score that it has there."""

    recipes: Projection
    photos: Projection
    choice: Choice
    score: float

    def chosen(self) -> dict[str, Any]:
        """What val chose, for metrics."""
        plain = {name: list(value) if isinstance(value, tuple) else value
                 for name, value in asdict(self.choice).items()}  # fmt: skip
        return {**plain, "val_score": self.score}


def fit_cca(train: Iterable[tuple[Blocks, Blocks]], val: tuple[Blocks, Blocks], score: Score) -> Cca:
    """Fit to train pairs and choose on val pairs.

    Args:
        train: matching blocks of recipes and photos, batch by batch, read once.
        val: matching blocks of recipes and photos.
        score: of photos' and recipes' unit vectors, row i of one matching row i of the other; more is better.
    """
    moments = _moments(train)
    centred = [_joined(side) - mean for side, mean in zip(val, moments.means, strict=True)]
    best: Cca | None = None
    for choice, axes in _candidates(moments):
        most = axes[0].shape[1]
        placed = [side @ of for side, of in zip(centred, axes, strict=True)]
        for kept in sorted({min(size, most) for size in DIMENSIONS}):
            found = score(*(_unit(side[:, :kept]) for side in reversed(placed)))
            if best is None or found > best.score:
                recipes, photos = (
                    Projection(m, a[:, :kept]) for m, a in zip(moments.means, axes, strict=True)
                )
                best = Cca(recipes, photos, Choice(*choice, kept), found)
    assert best
    return best


class _Moments(NamedTuple):
    """First and second moments of train pairs, and the columns of each block by its name."""

    columns: tuple[dict[str, Columns], dict[str, Columns]]
    means: tuple[Doubles, Doubles]  # [D] and [F]
    covariance: Doubles  # [D + F, D + F], every block scaled to a total variance of 1
    scale: Doubles  # [D + F] by which the features were multiplied for it


def _moments(pairs: Iterable[tuple[Blocks, Blocks]]) -> _Moments:
    count, total, products = 0, np.zeros(0), np.zeros((0, 0))
    columns: list[dict[str, Columns]] = []
    for sides in pairs:
        both = np.concatenate([_joined(side) for side in sides], axis=1)
        if not count:
            columns = [_columns(side) for side in sides]
            total, products = np.zeros(both.shape[1]), np.zeros((both.shape[1],) * 2)
        count += len(both)
        total += both.sum(axis=0)
        products += both.T @ both
    mean = total / count
    covariance = products / count - np.outer(mean, mean)
    split = sum(map(len, columns[0].values()))
    scale = np.ones(len(mean))
    for columns_of, first in zip(columns, (0, split), strict=True):
        for own in columns_of.values():
            variance = covariance.diagonal()[own + first].sum()
            scale[own + first] = 1 / np.sqrt(variance) if variance > 0 else 1.0
    covariance *= scale * scale[:, None]
    return _Moments((columns[0], columns[1]), (mean[:split], mean[split:]), covariance, scale)


def _candidates(
    moments: _Moments,
) -> Iterator[tuple[tuple[tuple[str, ...], tuple[str, ...], float], tuple[Doubles, Doubles]]]:
    """Yield each choice of blocks and ridge with the axes of both sides, those that correlate most first.

    Axes have the length of their correlation, so that they count as much as they correlate.
    """
    split = len(moments.means[0])
    of_recipes, of_photos = moments.covariance[:split, :split], moments.covariance[split:, split:]
    across = moments.covariance[:split, split:]
    recipes = [(names, _of(moments.columns[0], names)) for names in _subsets(list(moments.columns[0]))]
    for photo in _subsets(list(moments.columns[1])):
        shown = _of(moments.columns[1], photo)
        for ridge in RIDGES:
            factor = cho_factor(_ridged(of_photos[np.ix_(shown, shown)], ridge), lower=True)
            told = cho_solve(factor, across[:, shown].T)  # (F', D): how photos tell recipes' features
            explained = across[:, shown] @ told  # [D, D]
            for recipe, read in recipes:
                root = cholesky(_ridged(of_recipes[np.ix_(read, read)], ridge), lower=True)
                half = solve_triangular(root, explained[np.ix_(read, read)], lower=True)
                squares, vectors = eigh(solve_triangular(root, half.T, lower=True))
                kept = np.argsort(-squares, kind="stable")[: max(DIMENSIONS)]
                text = solve_triangular(root, vectors[:, kept], lower=True, trans="T")
                correlations = np.sqrt(np.clip(squares[kept], 0, None))
                recipe_axes, photo_axes = np.zeros((split, len(kept))), np.zeros((len(of_photos), len(kept)))
                recipe_axes[read] = moments.scale[read, None] * text * correlations
                photo_axes[shown] = moments.scale[split + shown, None] * (told[:, read] @ text)
                yield (recipe, photo, ridge), (recipe_axes, photo_axes)


def _subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Each block alone, and all together."""
    alone: list[tuple[str, ...]] = [(name,) for name in names]
    return [*alone, tuple(names)] if len(names) > 1 else alone


def _of(columns: Mapping[str, Columns], names: Sequence[str]) -> Columns:
    return np.concatenate([columns[name] for name in names])


def _columns(blocks: Blocks) -> dict[str, Columns]:
    ends = np.cumsum([block.shape[1] for block in blocks.values()])
    return {name: np.arange(end - blocks[name].shape[1], end) for name, end in zip(blocks, ends, strict=True)}


def _ridged(covariance: Doubles, ridge: float) -> Doubles:
    least = max(ridge * covariance.trace() / len(covariance), np.finfo(np.float64).tiny ** 0.5)
    ridged: Doubles = covariance + least * np.eye(len(covariance))
    return ridged


def _joined(blocks: Blocks) -> Doubles:
    return np.concatenate([np.asarray(block, np.float64) for block in blocks.values()], axis=1)


def _unit(vectors: Doubles) -> Embeddings:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(length > 0, length, 1)).astype(np.float32)
