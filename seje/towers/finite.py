"""Refusal of vectors that are not finite: NaN loses no comparison, so that it would pass for the best."""

from typing import Any

import numpy as np
import numpy.typing as npt

from seje.errors import SejeError

CURE = (
    "train again with a smaller joint.lr, or, if that is not it, make all features anew: dvc repro -f joint"
)


def need_finite(vectors: npt.NDArray[Any], rows: npt.NDArray[np.int64], what: str) -> None:
    """Raise SejeError where one of the vectors [N, E] holds NaN or infinity.

    Args:
        vectors: of what is called `what`.
        rows: [N] numbers under which they are told.
        what: for the message, in the plural.
    """
    bad = rows[~np.isfinite(vectors).all(axis=1)]
    if len(bad):
        raise SejeError(
            f"joint: {len(bad)} of {len(rows)} {what} are not finite (the first: row {bad[0]}): {CURE}"
        )
