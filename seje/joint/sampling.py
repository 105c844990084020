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
from seje.data.recipe_views import VIEWS, rest
from seje.joint.settings import TrainingSettings
from seje.towers import distributed
from seje.towers.features import Pairs, PhotoBatch, PhotoFeatures, RecipeBatch, RecipeFeatures, Rows

WINDOW = 64  # shards of photos that are read from at a time: some gigabytes


class BatchRows(NamedTuple):
    """What a batch is made of, and the seed of its step."""

    recipes: Rows
    recipe_views: Rows
    photos: Rows
    views: Rows  # of the photos' cached features
    told: npt.NDArray[np.bool_]  # of which photos the category is told
    alone: Rows | None  # recipes that are compared with themselves, as many,
    half: Rows  # and the view of each that is compared with the rest
    seed: int


class Halves(NamedTuple):
    """Recipes, with a photo or without, in two views that share no part; the categories of all of them."""

    one: RecipeBatch
    other: RecipeBatch
    categories: Tensor


class Batch(NamedTuple):
    """This process's share of a batch of pairs; the categories of all of them, and the seed of their step."""

    recipes: RecipeBatch
    photos: PhotoBatch
    categories: Tensor
    seed: int
    halves: Halves | None


def random_batches(shards: Rows, batch: int, random: np.random.Generator) -> list[Rows]:
    """Shuffle 0..N-1 into batches of nearly equal size, at most `batch`, none left out.

    Args:
        shards: [N], the shard that each lies in. Where there are more than WINDOW of them, all that is near
            in time lies in as many: the shards are shuffled, and what WINDOW of them hold.
        batch: the size.
        random: draws the order.
    """
    if len(present := np.unique(shards)) <= WINDOW:
        order = random.permutation(len(shards))
    else:
        present = random.permutation(present)
        windows = (present[start : start + WINDOW] for start in range(0, len(present), WINDOW))
        held = (np.flatnonzero(np.isin(shards, window)) for window in windows)
        order = np.concatenate([random.permutation(rows) for rows in held])
    return np.array_split(order, -(-len(order) // batch))


class EpochSampler:
    """The draws of one epoch, the same each time they are asked for."""

    def __init__(
        self,
        settings: TrainingSettings,
        pairs: Pairs,
        views: int,
        number: int,
        alone: Rows | None = None,
        starts: Rows | None = None,
    ) -> None:
        """Take what an epoch draws from.

        Args:
            settings: batch, drop, seed.
            pairs: what is drawn.
            views: of a photo's cached features.
            number: of the epoch.
            alone: rows of all recipes that may be compared with themselves; None: none are.
            starts: the first photo of each shard of the photo store; None: it is one.
        """
        self._pairs, self._views, self._drop, self._alone = pairs, views, settings.drop, alone
        self._random = np.random.default_rng([settings.seed, number])
        shards = np.zeros_like(pairs.first)
        if starts is not None:
            shards = np.searchsorted(starts, pairs.first, "right").astype(np.int64)
        self._batches = random_batches(shards, settings.batch, self._random)

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
                None if self._alone is None else self._random.choice(self._alone, len(shown)),
                self._random.integers(1, VIEWS, len(shown)),
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
        None if draw.alone is None else _halves(recipes, draw.alone[:together], draw.half[:together], mine),
    )


def _halves(recipes: RecipeFeatures, rows: Rows, views: Rows, mine: slice) -> Halves:
    one, other = (recipes.batch(rows[mine], half[mine]) for half in (views, rest(views)))
    return Halves(one, other, torch.from_numpy(recipes.categories[rows]))
