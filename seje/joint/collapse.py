"""Whether an embedding has collapsed: hard negatives can drive all vectors to one point."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from seje.progress import say
from seje.towers.finite import need_finite

DISTANCE = "mean_pairwise_distance"  # its name in the history of training
COLLAPSED = 0.01  # distance below which neighbours differ by little more than rounding


def mean_pairwise_distance(vectors: npt.NDArray[Any]) -> float:
    """Mean of 1 - cosine over all pairs of different rows of [N, E]: 0 where all vectors are one.

    About 1 where they lie in all directions, and for a single row, which has nothing to fall together with.
    Rows of zeros have no direction; they are one with each other, and at right angles to the rest. Raises
    SejeError for a row that is not finite.
    """
    count = len(vectors)
    need_finite(vectors, np.arange(count), "embeddings")
    if count < 2:
        return 1.0
    wide = vectors.astype(np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    unit = np.hstack([wide / np.where(length > 0, length, 1), length == 0])  # zeros have an axis of their own
    return float(count * (1 - np.square(unit.mean(axis=0)).sum()) / (count - 1))


def say_collapse(epoch: Mapping[str, float]) -> None:
    """Say in one line where, in an epoch of the history, all vectors of a side have come together."""
    if epoch[DISTANCE] < COLLAPSED:
        cure = "try a smaller joint.lr, or loss.negatives all"
        say(f"joint: the embedding has collapsed in epoch {epoch['epoch']:.0f}: its vectors are "
            f"{epoch[DISTANCE]:.1e} apart in the mean, nearly one: {cure}")  # fmt: skip
