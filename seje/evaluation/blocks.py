"""What the towers read, as plain blocks of numbers by name: for a model without towers.

B batch.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from seje.towers.features import PhotoBatch, RecipeBatch, mean_lines
from seje.towers.joint_model import ModelSizes, title_and_ingredients


def recipe_blocks(batch: RecipeBatch, sizes: ModelSizes) -> dict[str, npt.NDArray[np.floating[Any]]]:
    """Blocks [B, *] of all that the recipe tower of these sizes reads; of several lines their mean."""
    blocks = {}
    if sizes.words:
        blocks["words"] = batch.words
    if sizes.terms:
        blocks["terms"] = batch.terms
    if sizes.sentence:
        blocks["instructions"] = mean_lines(batch.sentences, batch.lengths)
    if sizes.lines:
        blocks["title"], blocks["ingredients"] = title_and_ingredients(batch)
    return {name: block.numpy() for name, block in blocks.items()}


def photo_blocks(batch: PhotoBatch, sizes: ModelSizes) -> dict[str, npt.NDArray[np.floating[Any]]]:
    """Blocks [B, *] of all that the image tower of these sizes reads."""
    labels = {"labels": batch.labels.numpy()} if sizes.labels else {}
    return {"pixels": batch.pixels.numpy(), **labels}
