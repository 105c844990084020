"""Embeddings of many recipes or photos with a trained model; SejeError where one is not finite."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from seje.data.recipe_views import WHOLE
from seje.towers.features import Pairs, PhotoFeatures, RecipeFeatures, Rows
from seje.towers.finite import need_finite
from seje.towers.joint_model import JointModel

Embeddings = npt.NDArray[np.float32]


def embed_recipes(
    model: JointModel, recipes: RecipeFeatures, rows: Rows, view: int = WHOLE, batch: int = 256
) -> Embeddings:
    """Unit vectors (len(rows), E + L) of a view of some recipes, in the order of `rows`."""
    return _embed(model, model.embed_recipes, partial(recipes.batch, views=view), rows, batch, "recipes")


def embed_photos(model: JointModel, photos: PhotoFeatures, rows: Rows, batch: int = 1024) -> Embeddings:
    """Unit vectors (len(rows), E + L) of some photos, in the order of `rows`."""
    return _embed(model, model.embed_images, photos.batch, rows, batch, "photos")


def embed_pairs(
    model: JointModel, photos: PhotoFeatures, recipes: RecipeFeatures, of: Pairs
) -> tuple[Embeddings, Embeddings]:
    """Unit vectors (len(of), E + L) of the first photos of some recipes, and of these."""
    return embed_photos(model, photos, of.first), embed_recipes(model, recipes, of.recipes)


@torch.no_grad()
def _embed(
    model: JointModel,
    embed: Callable[[Any], torch.Tensor],
    gather: Callable[[Rows], Any],
    rows: Rows,
    batch: int,
    what: str,
) -> Embeddings:
    model.eval()
    device = next(model.parameters()).device
    vectors = np.empty((len(rows), model.sizes.embedding + model.sizes.linear), np.float32)
    for start in range(0, len(rows), batch):
        places = slice(start, start + batch)
        vectors[places] = embed(gather(rows[places]).to(device)).float().cpu().numpy()
        need_finite(vectors[places], rows[places], f"embeddings of {what}")
    return vectors
