"""SEJE: one space in which a recipe's text and a photo of the dish lie close together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seje.towers.joint_model import JointModel

__all__ = ["load"]


def load(path: str | Path) -> JointModel:
    """Load a trained model, ready to embed.

    Its `embed_recipes` takes a `seje.towers.features.RecipeBatch` of B recipes: terms (B, D), sentences
    (B, T, H), lengths (B,), words (B, W); its `embed_images` takes a `PhotoBatch`: pixels (B, F), labels
    (B, D). Both give unit vectors (B, E + L) whose dot product is the cosine; `model.sizes` holds the sizes.
    `RecipeFeatures.batch` and `PhotoFeatures.batch` gather batches of what the stages wrote, and
    `seje.search.query_encoder.Asking` goes all the way from text and photos of one's own.

    Args:
        path: what the stage `joint` wrote: its folder (`pipeline/joint`), or a model.safetensors with its
            model.json beside it.

    Raises SejeError, one line, where a file is missing.
    """
    from seje.workspace import artefacts

    return artefacts.load_model(Path(path))
