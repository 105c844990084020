"""The labels of photos as word vectors, of which the category feature f_cat is made. Section 2.6.

K labels, D size of a word vector.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seje.text.tokens import entity_token
from seje.text.vectors import WordVectors, term_table

BACKGROUND = "background"  # the one label of photos that no category takes


def label_table(
    vectors: WordVectors, labels: Sequence[str]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Look up every label of photos: float32 [K, D], zero where there is no vector, and bool [K], where."""
    return term_table(
        vectors,
        ["" if label == BACKGROUND else entity_token(label.replace("_", " ")) for label in labels],
    )
