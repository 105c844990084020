"""Whether an embedding has collapsed: hard negatives can drive all vectors to one point."""

from typing import Any

import numpy as np
import numpy.typing as npt

COLLAPSED = 0.01  # spread below which neighbours differ by little more than rounding


def spread(vectors: npt.NDArray[Any]) -> float:
    """Mean of 1 - cosine over all pairs of different rows of (N, E): 0 where all vectors are one.

    About 1 where they lie in all directions, and for a single row, which has nothing to fall together with.
    """
    count = len(vectors)
    if count < 2:
        return 1.0
    wide = vectors.astype(np.float64)
    unit = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    return float(count * (1 - np.square(unit.mean(axis=0)).sum()) / (count - 1))
