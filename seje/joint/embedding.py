"""Embeddings of many recipes or photos with a trained model."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from seje.joint.features import PhotoFeatures, RecipeFeatures, Rows
from seje.joint.towers import JointModel

Vectors = npt.NDArray[np.float32]


def embed_recipes(model: JointModel, recipes: RecipeFeatures, rows: Rows, batch: int = 256) -> Vectors:
    """Unit vectors (len(rows), E + L) of some recipes, in the order of `rows`."""
    return _embed(model, model.embed_recipes, recipes, rows, batch)


def embed_photos(model: JointModel, photos: PhotoFeatures, rows: Rows, batch: int = 1024) -> Vectors:
    """Unit vectors (len(rows), E + L) of some photos, in the order of `rows`."""
    return _embed(model, model.embed_images, photos, rows, batch)


@torch.no_grad()
def _embed(
    model: JointModel,
    embed: Callable[[Any], torch.Tensor],
    features: RecipeFeatures | PhotoFeatures,
    rows: Rows,
    batch: int,
) -> Vectors:
    model.eval()
    device = next(model.parameters()).device
    vectors = np.empty((len(rows), model.sizes.embedding + model.sizes.linear), np.float32)
    for start in range(0, len(rows), batch):
        chosen = features.batch(rows[start : start + batch]).to(device)
        vectors[start : start + batch] = embed(chosen).float().cpu().numpy()
    return vectors
