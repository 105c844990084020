"""How good a classifier is: top-k accuracy, calibration error, what is taken for what.

N photos, K classes, P photos of the store.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seje.categories.labelled import Labelled
from seje.data.records import PARTITIONS
from seje.vision.classifier import TOLD_BY, Classifier, classify

BINS = 15

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


def top_accuracy(probabilities: Floats, labels: Labels, k: int) -> float:
    """Share of photos whose label is among the k likeliest; of k classes or fewer, 1.

    Ties count against the classifier.
    """
    own = np.take_along_axis(probabilities, labels[:, None], axis=1)
    at_least = (probabilities >= own).sum(axis=1)  # the label itself is one of them
    return float((at_least <= min(k, probabilities.shape[1])).mean())


def calibration_error(probabilities: Floats, labels: Labels) -> float:
    """Expected calibration error, 0 to 1: how far confidence lies from accuracy, in 15 bins of equal width.

    Guo et al., On calibration of modern neural networks, ICML 2017. Confidence is the probability of the
    likeliest class; a bin (a, b] counts by its share of the photos.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    number = np.ceil(confidence * BINS).astype(np.int64).clip(1, BINS) - 1
    gaps = np.bincount(number, right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def confusion(probabilities: Floats, labels: Labels, names: Sequence[str], most: int) -> list[dict[str, str]]:
    """Label and likeliest class of photos, evenly chosen where there are more than `most`."""
    rows = np.linspace(0, len(labels) - 1, min(most, len(labels))).astype(np.int64)
    predicted = probabilities[rows].argmax(axis=1)
    return [
        {"actual": names[label], "predicted": names[best]}
        for label, best in zip(labels[rows], predicted, strict=True)
    ]


def predict(classifier: Classifier, photos: Labelled, views: int = 1) -> npt.NDArray[np.float32]:
    """Probabilities [N, K] of labelled photos, in order, as `classify` gives them of so many views."""
    found = classify(classifier, photos.squares, photos.rows, min(views, TOLD_BY))
    return np.concatenate([probabilities.numpy() for _, probabilities in found])


def top1_by_partition(
    label: Labels, category: npt.NDArray[np.int32], partitions: npt.NDArray[np.str_]
) -> dict[str, float]:
    """Share of the photos in a category whose likeliest class it is, of each partition that has some.

    Args:
        label: likeliest class of each photo, [P].
        category: of each photo's recipe, [P]; 0 is none, else that of class `category` - 1.
        partitions: of each photo's recipe, [P].
    """
    right, taken = label == category - 1, category > 0
    found = {part: right[taken & (partitions == part)] for part in PARTITIONS}
    return {part: float(hits.mean()) for part, hits in found.items() if hits.size}
