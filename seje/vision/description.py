"""What phase I says of photos: pooled features and the category.

P photos of a batch, V views, F features, K classes, D word vector.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seje.vision.classifier import Classifier, Rows, classify
from seje.vision.transforms import Photographs

LARGEST = float(np.finfo(np.float16).max)

Floats = npt.NDArray[np.float32]


class Descriptions(NamedTuple):
    """A batch of photos."""

    pixels: npt.NDArray[np.float16]  # [P, V, F]
    probabilities: Floats  # [P, K] of the classes

    def label_vectors(self, table: Floats, soft: bool, confidence: float) -> Floats:
        """Category as a word vector [P, D]: that of the likeliest class, or (`soft`) the mean by probability.

        Zero in both forms where the category is not told: what is nearly a guess would be a mean of all
        classes' words.

        Args:
            table: [K, D], a vector for each class.
            soft: which form.
            confidence: probability of the likeliest class from which on it is told.
        """
        found: Floats = self.probabilities @ table if soft else table[self.probabilities.argmax(1)]
        return found * is_told(self.probabilities.max(1), confidence)[:, None]


def is_told(probability: Floats, confidence: float) -> npt.NDArray[np.bool_]:
    """Whether anything is said of a photo whose likeliest class has this probability, [P]."""
    told: npt.NDArray[np.bool_] = probability >= confidence
    return told


def describe(classifier: Classifier, squares: Photographs, rows: Rows, views: int) -> Iterator[Descriptions]:
    """Describe photos, batch by batch in order."""
    for features, probabilities in classify(classifier, squares, rows, views):
        # Untrained features may exceed float16; an infinite one would spoil all of phase II.
        pixels = features.clamp(-LARGEST, LARGEST).numpy().astype(np.float16)
        yield Descriptions(pixels, probabilities.numpy())
