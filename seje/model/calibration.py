"""Makes the bank of a model: of its train pairs, with questions made of its val pairs.

It holds nothing of the test partition. Both sides are bounded, and so are time and memory.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from seje.data.parallel import chunks
from seje.model.bank import photo_scores, photo_vectors, text_scores
from seje.model.model import BATCH, Model
from seje.model.novelty import Scores, Vectors
from seje.model.recipe_encoder import RecipeText
from seje.towers.embedding import Embeddings
from seje.towers.features import PhotoFeatures, Rows

TRAIN, VAL = 2000, 1000  # pairs at most: of the bank, and of those whose photos and titles are asked


def bank_part(
    model: Model, photos: PhotoFeatures, train: tuple[Rows, Embeddings], val: tuple[Rows, Sequence[str]]
) -> dict[str, Any]:
    """Make the tensors of the part `bank`.

    Args:
        model: the model without it.
        photos: features of all photos.
        train: rows of train photos, and the embeddings [B, E] of their recipes.
        val: rows of val photos, and the titles of their recipes.
    """
    # As they are stored: what is judged later is compared with the same numbers.
    of_photos = photo_vectors(photos.pixels[train[0]]).astype(np.float16)
    of_recipes = train[1].astype(np.float16)
    some = len(train[0]) > 0
    val_photos = photo_scores(photos.pixels[val[0]], of_photos) if some else np.zeros(0, np.float32)
    val_titles = _of_titles(model, val[1] if some else [], of_recipes)
    parts = {"photos": of_photos, "recipes": of_recipes, "val_photos": val_photos, "val_titles": val_titles}
    return {name: _tensor(part) for name, part in parts.items()}


def _of_titles(model: Model, titles: Iterable[str], bank: Vectors) -> Scores:
    scores = [np.zeros(0, np.float32)]
    for asked in chunks(map(RecipeText, titles), BATCH):
        known = [model.words(title).share for title in asked]
        scores.append(text_scores(model.embed_recipes(asked), known, bank))
    return np.concatenate(scores)


def _tensor(array: Any) -> Any:
    import torch

    return torch.from_numpy(np.array(array))
