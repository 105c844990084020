"""A training of seconds, which tests of training and of the towers share: sizes, settings, features."""

import numpy as np

from seje.data.recipe_views import VIEWS, draw
from seje.joint.sampling import BatchRows
from seje.joint.settings import LossSettings, TrainingSettings
from seje.towers.features import LineVectors, PhotoFeatures, RecipeFeatures
from seje.towers.joint_model import ModelSizes

SIZE = 12
ROWS = np.arange(SIZE)
SIZES = ModelSizes(
    terms=8, sentence=6, lines=0, words=0, pixels=10, labels=8, linear=0, linear_reads=("terms",),
    recipe="lstm", recurrent=16, embedding=32, categories=4, dropout=0.0,
)  # fmt: skip
LOSS = LossSettings(
    objective="triplet", margin="soft", gamma=16.0, negatives="double", temperature="learned", category=0.005,
    background="ignore", discriminator=0.005, discriminator_form="logistic", gradient_penalty=10.0,
    recipe=0.0,
)  # fmt: skip
SETTINGS = TrainingSettings(
    batch=SIZE,
    epochs=4,
    lr=0.01,
    pixels_lr=0.001,
    text_lr=0.001,
    freeze_epochs=0,
    schedule="plateau",
    weight_decay=0.0,
    patience=50,
    stop=50,
    drop=0.0,
    ridge=2.0,
    seed=3,
)


def drawn(rows, seed: int = 0, drop: float = 0.0, alone: bool = False) -> BatchRows:
    """These recipes with their photos, of which `drop` hides parts; where `alone`, their halves too."""
    random = np.random.default_rng(seed)
    views, told = draw(len(rows), drop, random), random.random(len(rows)) >= drop
    return BatchRows(rows, views, rows, rows % 2, told, rows if alone else None, rows % 6 + 1, seed)


def tiny() -> tuple[RecipeFeatures, PhotoFeatures]:
    random = np.random.default_rng(0)
    recipes = RecipeFeatures(
        random.normal(size=(SIZE, VIEWS, 8)),
        LineVectors(random.normal(size=(3 * SIZE, 6)), np.arange(SIZE + 1) * 3),
        random.normal(size=(SIZE, VIEWS, 5)), np.arange(SIZE) % 4,
        LineVectors(np.random.default_rng(1).normal(size=(2 * SIZE, 6)), np.arange(SIZE + 1) * 2),
    )  # fmt: skip
    photos = PhotoFeatures(random.normal(size=(SIZE, 2, 10)), random.normal(size=(SIZE, 8)), np.arange(SIZE))
    return recipes, photos
