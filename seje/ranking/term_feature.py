"""The weighted key-term feature (section 2.4 of the paper).

R recipes, T terms, D size of a word vector.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from seje.progress import track

Floats = npt.NDArray[np.float32]
ROWS = 65536  # recipes at a time: what is held beside the result stays small


def weighted_features(
    scores: sp.csr_matrix, table: Floats, known: npt.NDArray[np.bool_], weighted_mean: bool
) -> Floats:
    """Sum score * vector over the terms of each recipe: float32 [R, D], zero where no term has a vector.

    Args:
        scores: float32 [R, T], not negative.
        table: float32 [T, D], zero where there is no vector.
        known: bool [T], which terms have a vector.
        weighted_mean: divide by the sum of the scores of those terms that have a vector.
    """
    features = np.zeros((scores.shape[0], table.shape[1]), np.float32)
    for start in track(range(0, len(features), ROWS), "term features"):
        part = scores[start : start + ROWS]
        block = part @ table
        if weighted_mean:
            block /= _or_one(part @ known.astype(np.float32))
        features[start : start + ROWS] = block
    return features


def _or_one(divisors: Floats) -> Floats:
    """Give divisors as a column; those that are 0 belong to zero rows, which stay as they are."""
    column: Floats = np.where(divisors > 0, divisors, np.float32(1))[:, None]
    return column
