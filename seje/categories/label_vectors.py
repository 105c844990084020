"""The labels of photos as word vectors, of which the category feature f_cat is made. Section 2.6.

K labels, D size of a word vector.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seje.text.tokens import entity_token
from seje.text.vectors import WordVectors, term_vector

BACKGROUND = "background"  # the one label of photos that no category takes


def label_table(
    vectors: WordVectors, labels: Sequence[str]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Look up every label of photos: float32 [K, D], zero where there is no vector, and bool [K], where."""
    table = np.zeros((len(labels), vectors.size), np.float32)
    known = np.zeros(len(labels), np.bool_)
    for row, label in enumerate(labels):
        vector = None if label == BACKGROUND else term_vector(vectors, entity_token(label.replace("_", " ")))
        if vector is not None:
            table[row], known[row] = vector, True
    return table, known
