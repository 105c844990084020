"""Phase I on any photo, also a user's own: the steps of the stages, with the trained classifier.

P photos, V views, F features, D word vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seje.photos.decoding import decode, encode, open_photo, read_photo
from seje.vision.classifier import Classifier
from seje.vision.description import describe
from seje.vision.transforms import Squares


class PhotoViews(NamedTuple):
    """What phase I says of P photos, as the stages store it."""

    pixels: npt.NDArray[np.float16]  # [P, V, F]
    labels: npt.NDArray[np.float32]  # [P, D] the predicted category as a word vector


@dataclass(frozen=True)
class PhotoEncoder:
    """Looks at photos as the stages `images` and `categories` do."""

    classifier: Classifier
    table: npt.NDArray[np.float32]  # [K, D] word vector of each class
    side: int  # of the square that the classifier crops
    views: int
    soft: bool  # whether the category is the mean by probability
    confidence: float  # probability below which no category is told
    size: int  # shorter side that photos are shrunk to first
    quality: int  # of the JPEG in between

    def shrink(self, photo: Path | bytes) -> bytes:
        """Shrink a photo, given as a file or as its bytes, to the JPEG that the store would hold.

        Raises BadPhoto where it is none that can be used.
        """
        image = read_photo(photo, self.size) if isinstance(photo, bytes) else open_photo(photo, self.size)
        return encode(image, self.quality)

    def view(self, jpegs: Sequence[bytes | memoryview]) -> PhotoViews:
        """Compute the features of one photo or more, as `shrink` or the store gives them."""
        squares = Squares(lambda row: decode(jpegs[row]), len(jpegs), self.side, cache_bytes=0)
        batches = list(describe(self.classifier, squares, np.arange(len(jpegs)), self.views))
        pixels = np.concatenate([batch.pixels for batch in batches])
        told = (self.table, self.soft, self.confidence)
        labels = np.concatenate([batch.label_vectors(*told) for batch in batches])
        return PhotoViews(pixels, labels)
