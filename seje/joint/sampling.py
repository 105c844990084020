"""Which pairs train together in an epoch, and which photo of each: drawn from seed and epoch alone.

All processes that train together draw the same. What else a step draws, it draws from `Batch.seed`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seje.joint.settings import TrainingSettings
from seje.towers import distributed
from seje.towers.features import Pairs, PhotoBatch, PhotoFeatures, RecipeBatch, RecipeFeatures, Rows


class BatchRows(NamedTuple):
    """Rows of a batch: recipes, the photo shown of each and its view, of cached features; the step's seed."""

    recipes: Rows
    photos: Rows
    views: Rows | None = None
    seed: int = 0


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
        self._pairs, self._views = pairs, views
        self._random = np.random.default_rng([settings.seed, number])
        self._batches = random_batches(len(pairs), settings.batch, self._random)

    def __len__(self) -> int:
        return len(self._batches)

    def draws(self) -> Iterator[BatchRows]:
        """Yield each batch's rows; to be asked for once."""
        for places in self._batches:
            shown = self._pairs.first[places] + self._random.integers(self._pairs.count[places])
            views = self._random.integers(self._views, size=len(shown))
            yield BatchRows(self._pairs.recipes[places], shown, views, int(self._random.integers(2**62)))


def load(recipes: RecipeFeatures, photos: PhotoFeatures, draw: BatchRows) -> Batch:
    """Gather the features of this process's share of a draw."""
    together = distributed.whole(len(draw.recipes))
    mine = distributed.own(together)
    views = None if draw.views is None else draw.views[mine]
    return Batch(
        recipes.batch(draw.recipes[mine]),
        photos.batch(draw.photos[mine], views),
        torch.from_numpy(recipes.categories[draw.recipes[:together]]),
        draw.seed,
    )
