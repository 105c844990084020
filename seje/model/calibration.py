"""Makes the bank of a model: of its train pairs, with questions made of its val pairs.

It holds nothing of the test partition. Both sides are bounded, and so are time and memory.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from seje.data.parallel import chunks
from seje.model.bank import PHOTO, cut, kind, photo_scores, photo_vectors, recipe_scores
from seje.model.model import BATCH, Model
from seje.model.novelty import Scores, Vectors
from seje.model.recipe_encoder import RecipeText
from seje.towers.embedding import Embeddings
from seje.towers.features import PhotoFeatures, Rows

TRAIN, VAL = 2000, 500  # pairs at most: of the bank, and of those that questions are made of


def bank_part(
    model: Model,
    photos: PhotoFeatures,
    train: tuple[Rows, Embeddings],
    val: tuple[Rows, Sequence[RecipeText]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make the tensors of the part `bank` and its config.

    Args:
        model: the model without it.
        photos: features of all photos; where a photo is asked, only its pixel feature counts.
        train: rows of train photos, and the embeddings [B, E] of their recipes.
        val: rows of val photos, and their recipes.
    """
    # As they are stored: what is judged later is compared with the same numbers.
    banks = {"photos": photo_vectors(photos.pixels[train[0]]).astype(np.float16)}
    banks["recipes"] = train[1].astype(np.float16)
    held_out = {}
    if len(train[0]):
        held_out = _of_recipes(model, val[1], banks["recipes"])
        held_out[PHOTO] = photo_scores(photos.pixels[val[0]], banks["photos"])
    tensors = {name: _tensor(array) for name, array in banks.items()}
    tensors |= {f"held_out.{number}": _tensor(scores) for number, scores in enumerate(held_out.values())}
    return tensors, {"kinds": list(held_out)}


def _of_recipes(model: Model, recipes: Iterable[RecipeText], bank: Vectors) -> dict[str, Scores]:
    """Ask with each choice of parts of each recipe: the scores of each kind."""
    scores: dict[str, list[float]] = {}
    for asked in chunks((some for recipe in recipes for some in cut(recipe)), BATCH):
        known = [model.words(recipe).share for recipe in asked]
        found = recipe_scores(model.embed_recipes(asked), known, bank)
        for recipe, score in zip(asked, found, strict=True):
            scores.setdefault(kind(recipe), []).append(float(score))
    return {of: np.array(some, np.float32) for of, some in scores.items()}


def _tensor(array: Any) -> Any:
    import torch

    return torch.from_numpy(np.array(array))
