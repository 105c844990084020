"""The embeddings of a shard of recipes and of their photos.

E + L is the size of an embedding.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seje.data.arrays import new_array
from seje.shards.work import Made, Notes, Task
from seje.towers.embedding import Embeddings, embed_photos, embed_recipes
from seje.towers.features import PhotoFeatures, RecipeFeatures, Rows
from seje.towers.joint_model import JointModel

RECIPES, PHOTOS = "recipes.npy", "photos.npy"  # files of a shard
VECTORS_IN_MEMORY = 65_536  # vectors held in memory at a time


class Inputs(NamedTuple):
    """The model, and what it embeds; the partition of every recipe."""

    model: JointModel
    recipes: RecipeFeatures
    photos: PhotoFeatures
    partitions: npt.NDArray[Any]

    def rows(self, partitions: Sequence[str]) -> tuple[Rows, Rows]:
        """Rows of the recipes of some partitions, and of their photos."""
        wanted = np.isin(self.partitions, partitions)
        return np.flatnonzero(wanted), np.flatnonzero(wanted[self.photos.recipes])


class Embedder:
    """Embeds a shard's recipes, those without a photo too, and their photos.

    Args:
        load: gives what there is to embed; called once a worker.
        partitions: those that are asked for.
    """

    def __init__(self, load: Callable[[], Inputs], partitions: Sequence[str]) -> None:
        self._inputs = load()
        self._recipes, self._photos = self._inputs.rows(partitions)

    def reads(self, task: Task) -> str:
        """Nothing but files of the stages before."""
        return ""

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write both embeddings, float32 [., E + L]."""
        model, features, photos, _ = self._inputs
        shown = photos.recipes[self._photos]
        ends = task.first, task.first + task.rows
        recipe_rows = self._recipes[slice(*np.searchsorted(self._recipes, ends))]
        photo_rows = self._photos[slice(*np.searchsorted(shown, ends))]
        width = model.sizes.embedding + model.sizes.linear
        _write(folder / RECIPES, recipe_rows, width, lambda rows: embed_recipes(model, features, rows))
        _write(folder / PHOTOS, photo_rows, width, lambda rows: embed_photos(model, photos, rows))
        return Made({RECIPES: len(recipe_rows), PHOTOS: len(photo_rows)}, {})


def _write(path: Path, rows: Rows, width: int, embed: Callable[[Rows], Embeddings]) -> None:
    out = new_array(path, np.float32, (len(rows), width))
    for start in range(0, len(rows), VECTORS_IN_MEMORY):
        out[start : start + VECTORS_IN_MEMORY] = embed(rows[start : start + VECTORS_IN_MEMORY])
    out.flush()
