"""What the classifier says of the corpus's photos: features, category as a word vector, label.

Where the classifier learnt from the corpus's own photos, what is said of each of these comes from another
one that did not see it (crossfit.py): label, probability and word vector, so that they are as good in train
as elsewhere. Pixel features are the one classifier's for all photos: those of another network would lie in
another space. A frozen backbone's know no labels; those of a network that was fine-tuned on the corpus's
photos keep some of what it remembers of train's. A photo that is asked with later, in search, is told by the
one classifier alone, as those of val and test are.

P photos, K classes, D word vector.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seje.progress import track
from seje.vision.classifier import BATCH, TOLD_BY, Classifier, Rows, chunks
from seje.vision.description import Descriptions, Floats, describe
from seje.vision.transforms import Photographs


class Form(NamedTuple):
    """How photos are looked at, and how their category is told."""

    views: int
    soft: bool  # by probability, instead of the likeliest class
    confidence: float  # probability of the likeliest class below which no category is told


class Told(NamedTuple):
    """The likeliest class of every photo and its probability, [P]."""

    label: Rows
    probability: Floats


class Arrays(NamedTuple):
    """Where features are written to; may be memory-mapped."""

    pixels: npt.NDArray[np.float16]  # [P, V, F]
    embeddings: npt.NDArray[np.float32]  # [P, D]


def write_features(
    arrays: Arrays,
    classifier: Classifier,
    others: Iterable[tuple[Classifier, Rows]],
    squares: Photographs,
    table: Floats,
    form: Form,
) -> Told:
    """Write pixel features and the category as a word vector of every photo.

    Args:
        arrays: what is written to.
        classifier: describes all photos.
        others: classifiers that tell, in its place, the category of these rows.
        squares: the photos, or features of one's own.
        table: [K, D], a vector for each class.
        form: how many views, and what of the category is written.
    """
    count = len(squares)
    found = Told(np.zeros(count, np.int64), np.zeros(count, np.float32))

    def tell(rows: Rows, batch: Descriptions) -> None:
        """Keep what is said of the category of these rows."""
        arrays.embeddings[rows] = batch.label_vectors(table, form.soft, form.confidence)
        found.label[rows] = batch.probabilities.argmax(1)
        found.probability[rows] = batch.probabilities.max(1)

    for rows, batch in _described(classifier, squares, np.arange(count), form.views):
        arrays.pixels[rows] = batch.pixels
        tell(rows, batch)
    for other, held in others:
        for rows, batch in _described(other, squares, held, min(form.views, TOLD_BY)):
            tell(rows, batch)
    return found


def _described(
    classifier: Classifier, squares: Photographs, rows: Rows, views: int
) -> Iterator[tuple[Rows, Descriptions]]:
    parts = chunks(rows, BATCH)
    said = track(describe(classifier, squares, rows, views), f"batches of {BATCH} photos", len(parts))
    return zip(parts, said, strict=True)
