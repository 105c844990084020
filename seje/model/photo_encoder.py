"""Phase I on any photo, also a user's own: the steps of the stages, with the trained classifier.

P photos, V views, F features, D word vector.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from seje.errors import SejeError
from seje.photos.decoding import BadPhoto, decode, encode, open_photo, read_photo
from seje.vision.classifier import Classifier
from seje.vision.description import describe
from seje.vision.own_features import FeatureRows
from seje.vision.transforms import Photographs, Squares

Photo = str | Path | bytes | Image.Image | npt.NDArray[np.uint8]


class PhotoFeatureRows(NamedTuple):
    """What phase I says of P photos, as the stages store it."""

    pixels: npt.NDArray[np.float16]  # [P, V, F]
    labels: npt.NDArray[np.float32]  # [P, D] the predicted category as a word vector


@dataclass(frozen=True)
class Describer:
    """Says of photos what the stage `categories` does."""

    classifier: Classifier
    table: npt.NDArray[np.float32]  # [K, D] word vector of each class
    side: int  # of the square that the classifier crops
    views: int
    soft: bool  # whether the category is the mean by probability
    confidence: float  # probability below which no category is told

    def features(self, jpegs: Sequence[bytes | memoryview]) -> PhotoFeatureRows:
        """Compute the features of one photo or more, as `shrink` or the store gives them."""
        squares = Squares(lambda row: decode(jpegs[row]), len(jpegs), self.side, cache_bytes=0)
        return self._described(squares, self.views)

    def given(self, vectors: npt.NDArray[np.float32]) -> PhotoFeatureRows:
        """Take photos as features of one's own, [P, V, F]."""
        return self._described(FeatureRows(vectors, np.arange(len(vectors))), vectors.shape[1])

    def _described(self, photos: Photographs, views: int) -> PhotoFeatureRows:
        batches = list(describe(self.classifier, photos, np.arange(len(photos)), views))
        pixels = np.concatenate([batch.pixels for batch in batches])
        told = (self.table, self.soft, self.confidence)
        return PhotoFeatureRows(pixels, np.concatenate([batch.label_vectors(*told) for batch in batches]))


@dataclass(frozen=True)
class PhotoEncoder:
    """Shrinks photos as the stage `images` does, and describes them; without a describer not at all."""

    describer: Describer | None
    size: int  # shorter side that photos are shrunk to first
    quality: int  # of the JPEG in between

    def shrink(self, photo: Photo) -> bytes:
        """Shrink a photo to the JPEG that the store would hold; raises BadPhoto where it cannot be used.

        Raises SejeError where the model takes no photo at all.
        """
        self.need_photos()
        if isinstance(photo, str | Path):
            return encode(open_photo(Path(photo), self.size), self.quality)
        try:
            data = photo if isinstance(photo, bytes) else _as_file(photo)
        except (OSError, SyntaxError, TypeError, ValueError):  # of Pillow: a file cut off, an array of floats
            raise BadPhoto("neither a whole image nor uint8 (height, width, 3)") from None
        return encode(read_photo(data, self.size), self.quality)

    def need_photos(self) -> None:
        """Raise SejeError where the model was trained on features of one's own and takes no photo."""
        if self.describer and self.describer.classifier.is_given:
            raise SejeError(
                "this model takes no photos, it was trained on features of your own (categories.features): "
                "make those of the photo as you made these, and ask with their .npy"
            )

    def given(self, vectors: npt.NDArray[np.float32]) -> PhotoFeatureRows:
        """Take photos as features of one's own, [P, V, F]; raises SejeError where the model takes photos."""
        if not self.describer or not self.describer.classifier.is_given:
            raise SejeError("this model takes photos, not features of your own: give a photo")
        expected, found = self.describer.classifier.backbone.features, vectors.shape[-1]
        if expected != found:
            raise SejeError(f"a photo has {expected} features for this model, not {found}")
        return self.describer.given(vectors)

    def features(self, jpegs: Sequence[bytes | memoryview]) -> PhotoFeatureRows:
        """Compute the features of one photo or more, as `shrink` or the store gives them."""
        self.need_photos()
        if self.describer:
            return self.describer.features(jpegs)
        return PhotoFeatureRows(
            np.zeros((len(jpegs), 1, 0), np.float16), np.zeros((len(jpegs), 0), np.float32)
        )


def _as_file(photo: Image.Image | npt.NDArray[np.uint8]) -> bytes:
    """Give decoded photos the way that files take: one way from a photo to a vector."""
    image = photo if isinstance(photo, Image.Image) else Image.fromarray(photo)
    out = io.BytesIO()
    kept = {name: image.info[name] for name in ("icc_profile", "exif") if image.info.get(name)}
    if image.mode not in {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}:
        image = image.convert("RGB")
    image.save(out, "PNG", compress_level=0, **kept)
    return out.getvalue()
