"""Samplers: which pairs share a batch, in which they are each other's negatives."""

import numpy as np
import numpy.typing as npt

from seje.joint.background import categorised
from seje.joint.settings import Background

Rows = npt.NDArray[np.int64]
MEMBERS = 4  # pairs of one category that go together


def random_batches(length: int, batch: int, random: np.random.Generator) -> list[Rows]:
    """Shuffle 0..length-1 into batches of nearly equal size, at most `batch`, none left out."""
    return _cut(random.permutation(length), batch)


def category_batches(
    categories: Rows, batch: int, random: np.random.Generator, background: Background
) -> list[Rows]:
    """Batches as of `random_batches`, with several members each of several categories.

    The pairs of a category, shuffled, go in groups of at most MEMBERS, none of one where there are two. Each
    category's groups are spread evenly over the epoch, so that a batch has of every category about its share.
    A batch's border may part a group. Pairs without a category go one by one.

    Args:
        categories: [N] of each pair.
        batch: most pairs of a batch.
        random: what the shuffling is drawn from.
        background: whether pairs of the background (0) have a category.
    """
    order = random.permutation(len(categories))
    ordered = order[np.argsort(categories[order], kind="stable")]
    _, starts = np.unique(categories[ordered], return_index=True)
    groups: list[Rows] = []
    places: list[npt.NDArray[np.float64]] = []
    for members in np.split(ordered, starts[1:]):
        size = MEMBERS if categorised(categories[members[0]], background) else 1
        own = np.array_split(members, -(-len(members) // size))
        groups += own
        places.append((np.arange(len(own)) + random.random(len(own))) / len(own))
    lined = [groups[place] for place in np.argsort(np.concatenate(places))]
    return _cut(np.concatenate(lined), batch)


def _cut(rows: Rows, batch: int) -> list[Rows]:
    return np.array_split(rows, -(-len(rows) // batch))
