"""Which pairs train together in an epoch, and which views of each: drawn from seed and epoch alone.

All processes that train together draw the same. What else a step draws, it draws from `Batch.seed`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seje.data import recipe_views
from seje.joint.settings import TrainingSettings
from seje.towers import distributed
from seje.towers.features import Pairs, PhotoBatch, PhotoFeatures, RecipeBatch, RecipeFeatures, Rows


class BatchRows(NamedTuple):
    """Rows of a batch: recipes and the view of each; the photo shown of each, its view and whether its category
    is told; the step's seed."""

    recipes: Rows
    recipe_views: Rows
    photos: Rows
    views: Rows  # of cached features
    told: npt.NDArray[np.bool_]
    seed: int


class Batch(NamedTuple):
    """This process's share of a batch of pairs; the categories of all of them, and the seed of their step."""

    recipes: RecipeBatch
    photos: PhotoBatch
    categories: Tensor
    seed: int


def random_batches(length: int, batch: int, random: np.random.Generator) -> list[Rows]:
    """Shuffle 0..length-1 into batches of nearly equal size, at most `batch`, none left out."""
    return np.array_split(random.permutation(length), -(-length // batch))


class EpochSampler:
    """The draws of one epoch, the same each time they are asked for."""

    def __init__(
        self,
        settings: TrainingSettings,
        pairs: Pairs,
        views: int,
        number: int,
    ) -> None:
        self._pairs, self._views, self._drop = pairs, views, settings.drop
        self._random = np.random.default_rng([settings.seed, number])
        self._batches = random_batches(len(pairs), settings.batch, self._random)

    def __len__(self) -> int:
        return len(self._batches)

    def draws(self) -> Iterator[BatchRows]:
        """Yield each batch's rows; to be asked for once."""
        for places in self._batches:
            shown = self._pairs.first[places] + self._random.integers(self._pairs.count[places])
            views = self._random.integers(self._views, size=len(shown))
            yield BatchRows(
                self._pairs.recipes[places],
                recipe_views.draw(len(shown), self._drop, self._random),
                shown,
                views,
                self._random.random(len(shown)) >= self._drop,
                int(self._random.integers(2**62)),
            )


def load(recipes: RecipeFeatures, photos: PhotoFeatures, draw: BatchRows) -> Batch:
    """Gather the features of this process's share of a draw."""
    together = distributed.whole(len(draw.recipes))
    mine = distributed.own(together)
    shown = photos.batch(draw.photos[mine], draw.views[mine])
    told = torch.from_numpy(draw.told[mine])
    return Batch(
        recipes.batch(draw.recipes[mine], draw.recipe_views[mine]),
        PhotoBatch(shown.pixels, shown.labels * told[:, None]),
        torch.from_numpy(recipes.categories[draw.recipes[:together]]),
        draw.seed,
    )
