"""The bank of a model: train items, and how near val's questions lie to them. It alone says "not sure".

A question is judged by a score: of a photo, how near its pixel feature lies to those of train photos; of
text, how near its embedding lies to those of train recipes, times the share of its words that are known,
which an embedding does not tell. The image tower maps whatever it is given among dishes, so that photos of
none are told by what it reads, not by what it gives.

B items of the bank, N questions, V held-out questions, E dimensions, F pixel feature.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seje.model.novelty import FEWEST, LEVEL, Scores, Vectors, nearness, p_value, units
from seje.model.recipe_encoder import PARTS, RecipeText
from seje.towers.embedding import Embeddings

PHOTO = "photo"
# The k-th nearest of the bank counts: a photo has its like among many, a text a recipe or two.
NEAREST_PHOTO, NEAREST_RECIPE = 10, 1
UNCALIBRATED = "not calibrated: this model cannot tell whether it knows such a {kind}"
NOVEL = "not sure: the model learnt from nothing like this {kind}; of unseen ones {nearer:.0%} come closer"


class Doubt(NamedTuple):
    """Why an answer is not to be relied on."""

    calibrated: bool  # False: nothing was measured, and the answer may be as good as any
    nearer: float | None  # share of held-out questions of the kind that are more like train items
    reason: str


class Bank:
    """Judges photos and recipes.

    Args:
        photos: [B, F] pixel features of train photos, as units.
        recipes: [B, E] embeddings of train recipes.
        held_out: scores [V] of val's questions of each kind: PHOTO, or as `kind` names it.
    """

    def __init__(self, photos: Vectors, recipes: Vectors, held_out: dict[str, Scores]) -> None:
        self.photos, self.recipes = (np.asarray(side, np.float32) for side in (photos, recipes))
        self._held_out = {
            kind: scores
            for kind, scores in held_out.items()
            if len(scores) >= FEWEST and len(self.photos if kind == PHOTO else self.recipes)
        }

    def of_photos(self, pixels: npt.NDArray[Any]) -> list[Doubt | None]:
        """Judge photos by their pixel features [N, views, F]; None where there is no doubt."""
        scores = photo_scores(pixels, self.photos) if PHOTO in self._held_out else np.zeros(len(pixels))
        return [self._judged(PHOTO, float(score)) for score in scores]

    def of_recipe(self, recipe: RecipeText, vector: Embeddings, known: float) -> Doubt | None:
        """Judge a recipe by its embedding [E] and the share of its words that are known."""
        if (of := kind(recipe)) not in self._held_out:
            return self._judged(of, 0)
        return self._judged(of, float(recipe_scores(vector[None], [known], self.recipes)[0]))

    def _judged(self, of: str, score: float) -> Doubt | None:
        held_out = self._held_out.get(of)
        if held_out is None:
            return Doubt(False, None, UNCALIBRATED.format(kind=of))
        if p_value(score, held_out) > LEVEL:
            return None
        nearer = float(np.mean(held_out > score))
        return Doubt(True, nearer, NOVEL.format(kind=of, nearer=nearer))


def photo_scores(pixels: npt.NDArray[Any], bank: Vectors) -> Scores:
    """Scores [N] of photos by their pixel features [N, views, F]."""
    return nearness(photo_vectors(pixels), bank, NEAREST_PHOTO)


def photo_vectors(pixels: npt.NDArray[Any]) -> Scores:
    """Pixel features [N, views, F] as the bank has them: the mean of the views, as units [N, F]."""
    return units(pixels.mean(axis=1, dtype=np.float32))


def recipe_scores(vectors: Embeddings, known: Any, bank: Vectors) -> Scores:
    """Scores [N] of recipes by their embeddings [N, E] and the shares [N] of their words that are known."""
    return nearness(vectors, bank, NEAREST_RECIPE) * np.asarray(known, np.float32)


def kind(recipe: RecipeText) -> str:
    """Name the parts that a recipe has: "title", "title and ingredients", ..., "recipe" for all of them."""
    given = [part for part in PARTS if getattr(recipe, part)]
    return " and ".join(given) if len(given) < len(PARTS) else "recipe"


def cut(recipe: RecipeText) -> Iterator[RecipeText]:
    """Yield what can be asked of a recipe: all of it, and each choice of its parts, none of them empty."""
    given = [part for part in PARTS if getattr(recipe, part)]
    for count in range(1, len(given) + 1):
        for kept in combinations(given, count):
            yield replace(RecipeText(), **{part: getattr(recipe, part) for part in kept})
