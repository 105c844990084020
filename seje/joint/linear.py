"""Fitting of the linear part, before phase II begins."""

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor

from seje.data.recipe_views import VIEWS
from seje.joint.settings import TrainingSettings
from seje.towers.features import Pairs, PhotoFeatures, RecipeFeatures
from seje.towers.joint_model import JointModel

BATCH = 1024  # pairs read at a time


def fit_linear(
    model: JointModel,
    recipes: RecipeFeatures,
    photos: PhotoFeatures,
    pairs: Pairs,
    settings: TrainingSettings,
) -> None:
    """Fit the linear part to recipes and their first photos; with `drop`, to all views of a recipe."""
    recipes = replace(recipes, texts=None)  # it reads nothing of a text encoder that is trained along

    def features() -> Iterator[tuple[Tensor, Tensor]]:
        """Features of the pairs, both sides, batch by batch."""
        for start in range(0, len(pairs), BATCH):
            places = slice(start, start + BATCH)
            pixels = photos.batch(pairs.first[places]).pixels
            for view in range(VIEWS if settings.drop else 1):
                yield model.flat_recipes(recipes.batch(pairs.recipes[places], view)), pixels

    assert model.linear
    model.linear.fit(features(), model.widths(), settings.ridge)
