"""Whether what is asked is like anything trained on, by its nearest neighbours in a bank of train items.

How near a query lies to the k-th nearest of the bank (Sun et al., Out-of-distribution detection with deep
nearest neighbors, 2022, section 3) means nothing by itself. It is compared with how near held-out queries
lie: a conformal p-value (Bates et al., Testing for outliers with conformal p-values, 2023, section 1.2).
Of queries such as the held-out ones no more than LEVEL are called novel. The train items themselves, each
left out of its bank, would not do: training has pushed them apart.

Q queries, B items of the bank, F features, V held-out queries.
"""

import numpy as np
import numpy.typing as npt

LEVEL = 0.05  # share of ordinary queries that may be called novel
FEWEST = 19  # held-out queries; of fewer, none is rare enough: 1 / (V + 1) is above LEVEL

Vectors = npt.NDArray[np.floating]
Scores = npt.NDArray[np.float32]


def nearness(queries: Vectors, bank: Vectors, k: int) -> Scores:
    """Cosine of each query [Q, F] to the k-th nearest item of the bank [B, F], or to the farthest of fewer.

    All are unit vectors or zeros, and the bank holds one at least. Returns [Q].
    """
    similarity = np.asarray(queries, np.float32) @ np.asarray(bank, np.float32).T
    place = max(0, similarity.shape[1] - k)
    found: Scores = np.partition(similarity, place, axis=1)[:, place]
    return found


def p_value(score: float, held_out: Scores) -> float:
    """Share of the held-out scores [V] and this one that are not higher than this one: in (0, 1].

    Ties count as not higher: a score that many have is not rare. NaN counts as lowest.
    """
    return (1 + int(np.count_nonzero(held_out <= score))) / (len(held_out) + 1)


def units(features: Vectors) -> Vectors:
    """Give the features [Q, F] length 1; zeros stay zeros."""
    wide = np.asarray(features, np.float32)
    length = np.linalg.norm(wide, axis=-1, keepdims=True)
    found: Scores = np.divide(wide, length, out=np.zeros_like(wide), where=length > 0)
    return found
