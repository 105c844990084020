"""The bank of a model: train items, and how near val's questions lie to them. It alone says "not sure".

A question is judged by a score: of a photo, how near its pixel feature lies to those of train photos; of
text, how near its embedding lies to those of train recipes, times the share of its words that these hold,
which an embedding does not tell. The image tower maps whatever it is given among dishes, so that photos of
none are told by what it reads, not by what it gives.

All text is compared with val's titles. More text tells more, and lies nearer: by the titles fewer of longer
texts are in doubt, and what is of something else altogether still is.

B items of the bank, N questions, V val questions, E dimensions, F pixel feature.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seje.model.novelty import FEWEST, LEVEL, Scores, Vectors, nearness, p_value, units
from seje.towers.embedding import Embeddings

# The k-th nearest of the bank counts: a photo has its like among many, a text a recipe or two.
NEAREST_PHOTO, NEAREST_RECIPE = 10, 1
UNCALIBRATED = "not calibrated: this model cannot tell whether it knows such {asked}"
NOVEL = "not sure: the model learnt from nothing like {asked}; {nearer:.0%} of unseen {unseen} come closer"


class Doubt(NamedTuple):
    """Why an answer is not to be relied on."""

    calibrated: bool  # False: nothing was measured, and the answer may be as good as any
    nearer: float | None  # share of val's questions that come closer to train items
    reason: str


class Bank:
    """Judges photos and text; of fewer than FEWEST val questions, or an empty bank, it can tell nothing.

    Args:
        photos: [B, F] pixel features of train photos, as units.
        recipes: [B, E] embeddings of train recipes.
        val_photos: scores [V] of val's photos.
        val_titles: scores [V] of val's titles.
    """

    def __init__(self, photos: Vectors, recipes: Vectors, val_photos: Scores, val_titles: Scores) -> None:
        self._photos, self._recipes = (np.asarray(side, np.float32) for side in (photos, recipes))
        self._val_photos, self._val_titles = val_photos, val_titles

    def of_photos(self, pixels: npt.NDArray[Any]) -> list[Doubt | None]:
        """Judge photos by their pixel features [N, views, F]; None where there is no doubt."""
        if not len(self._photos) or len(self._val_photos) < FEWEST:
            return [Doubt(False, None, UNCALIBRATED.format(asked="photos"))] * len(pixels)
        scores = photo_scores(pixels, self._photos)
        return [_judged(float(score), self._val_photos, "this photo", "photos") for score in scores]

    def of_text(self, vector: Embeddings, known: float) -> Doubt | None:
        """Judge a recipe or words by the embedding [E] and the share of its words that train holds."""
        if not len(self._recipes) or len(self._val_titles) < FEWEST:
            return Doubt(False, None, UNCALIBRATED.format(asked="words"))
        (score,) = text_scores(vector[None], [known], self._recipes)
        return _judged(float(score), self._val_titles, "these words", "titles")


def _judged(score: float, val: Scores, asked: str, unseen: str) -> Doubt | None:
    if p_value(score, val) > LEVEL:
        return None
    nearer = float(np.mean(val > score))
    return Doubt(True, nearer, NOVEL.format(asked=asked, nearer=nearer, unseen=unseen))


def photo_scores(pixels: npt.NDArray[Any], bank: Vectors) -> Scores:
    """Scores [N] of photos by their pixel features [N, views, F]."""
    return nearness(photo_vectors(pixels), bank, NEAREST_PHOTO)


def photo_vectors(pixels: npt.NDArray[Any]) -> Scores:
    """Pixel features [N, views, F] as the bank has them: the mean of the views, as units [N, F]."""
    return units(pixels.mean(axis=1, dtype=np.float32))


def text_scores(vectors: Embeddings, known: Any, bank: Vectors) -> Scores:
    """Scores [N] of texts by their embeddings [N, E] and the shares [N] of their words that train holds."""
    return nearness(vectors, bank, NEAREST_RECIPE) * np.asarray(known, np.float32)
