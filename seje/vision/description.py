"""What phase I says of photos: pooled features and the predicted category.

P photos of a batch, F features, K classes.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seje.vision.classifier import Classifier, Rows, classify
from seje.vision.transforms import Squares

LARGEST = float(np.finfo(np.float16).max)

Floats = npt.NDArray[np.float32]


class Descriptions(NamedTuple):
    """A batch of photos."""

    pixels: npt.NDArray[np.float16]  # [P, 1, F]
    labels: npt.NDArray[np.int64]  # [P] most likely class
    probabilities: Floats  # [P] of it


def describe(classifier: Classifier, squares: Squares, rows: Rows) -> Iterator[Descriptions]:
    """Describe photos, batch by batch in order."""
    for features, probabilities in classify(classifier, squares, rows):
        best, labels = (result.numpy() for result in probabilities.max(1))
        # Untrained features may exceed float16; an infinite one would spoil all of phase II.
        pixels = features.clamp(-LARGEST, LARGEST).numpy().astype(np.float16)
        yield Descriptions(pixels[:, None], labels, best)
