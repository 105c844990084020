"""What several stages read: phase I's features, the pairs of a partition, the trained model."""

import csv
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seje.errors import SejeError
from seje.photos.store import Photos
from seje.towers.features import LineVectors, Pairs, PhotoFeatures, RecipeFeatures, Rows, pairs
from seje.towers.joint_model import JointModel, rebuild
from seje.workspace import files, paths

FORMAT = 3  # of the model's files: one more with every change that older or newer code could not read
CACHED = "cached"  # joint.pixels and joint.text where nothing is trained along

FEATURES = [
    paths.Corpus.RECIPES,
    paths.Images.PHOTOS,
    paths.Ranking.FEATURES,
    paths.Ranking.WORDS,
    paths.Instructions.VECTORS,
    paths.Instructions.OFFSETS,
    paths.Instructions.LINES,
    paths.Instructions.LINE_OFFSETS,
    paths.Categories.RECIPES,
    paths.Categories.PIXELS,
    paths.Categories.EMBEDDINGS,
]


def recipe_features(lines: bool) -> RecipeFeatures:
    """Features of all recipes, memory-mapped; with `lines`, those of titles and ingredient lines too."""
    categories = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_numpy()
    return RecipeFeatures(
        terms=files.read_array(paths.Ranking.FEATURES, "ranking"),
        instructions=_lines(paths.Instructions.VECTORS, paths.Instructions.OFFSETS),
        words=files.read_array(paths.Ranking.WORDS, "ranking"),
        categories=categories.astype("int64"),
        lines=_lines(paths.Instructions.LINES, paths.Instructions.LINE_OFFSETS) if lines else None,
    )


def _lines(vectors: Path, offsets: Path) -> LineVectors:
    return LineVectors(*(files.read_array(path, "instructions") for path in (vectors, offsets)))


def photo_features(pixels: Path = paths.Categories.PIXELS) -> PhotoFeatures:
    """Features of all photos, memory-mapped."""
    store = Photos(files.need(paths.Images.PHOTOS, "images"))
    return PhotoFeatures(
        pixels=files.read_array(pixels, "categories"),
        labels=files.read_array(paths.Categories.EMBEDDINGS, "categories"),
        recipes=store.recipes.astype("int64"),
        starts=store.starts,
    )


def joint_photos() -> PhotoFeatures:
    """Features of all photos as the trained model sees them: of the CNN that was trained along, if any."""
    along = _read_config(paths.Joint.MODEL)["pixels"] != CACHED
    return photo_features(paths.Joint.PIXELS if along else paths.Categories.PIXELS)


def joint_recipes() -> RecipeFeatures:
    """Features of all recipes as the trained model sees them: of the text encoder trained along, if any."""
    config = _read_config(paths.Joint.MODEL)
    sizes = config["sizes"]
    recipes = recipe_features(bool(sizes["lines"]))
    if config["text"] == CACHED:
        return recipes
    if sizes["sentence"]:
        recipes = replace(recipes, instructions=_described(paths.Joint.VECTORS, recipes.instructions))
    return replace(recipes, lines=recipes.lines and _described(paths.Joint.LINES, recipes.lines))


def _described(vectors: Path, cached: LineVectors) -> LineVectors:
    return LineVectors(files.read_array(vectors, "joint"), cached.offsets)


def category_names() -> list[str]:
    """Names of the categories, by their numbers; 0 is background."""
    with files.need(paths.Categories.CLASSES, "categories").open(newline="", encoding="utf-8") as lines:
        return [line["name"] for line in csv.DictReader(lines)]


def partition_pairs(photos: PhotoFeatures, partition: str) -> Pairs:
    """Recipes of a partition that have photos, with them."""
    return pairs(photos.recipes, _partitions(), partition)


def partition_rows(partition: str) -> Rows:
    """All recipes of a partition, with photos or without."""
    return np.flatnonzero(_partitions() == partition)


def _partitions() -> npt.NDArray[Any]:
    partitions = files.read_table(paths.Corpus.RECIPES, "corpus", ["partition"])["partition"]
    found: npt.NDArray[Any] = partitions.to_numpy(zero_copy_only=False)
    return found


def joint_model() -> JointModel:
    """The trained model, ready to embed; refuses one that was trained on other key terms than those here."""
    config = _read_config(paths.Model.TOWERS)
    if config["vocabulary"] != vocabulary():
        raise SejeError(
            f"{paths.Model.TOWERS} was trained on other key terms than {paths.Ranking.IDF} holds: "
            "run dvc repro"
        )
    return rebuild(config, files.read_weights(paths.Model.TOWERS, "model")[0])


def vocabulary() -> str:
    """A hash of the key terms that the features are made of, in their order: 16 hex digits."""
    terms = files.read_table(paths.Ranking.IDF, "ranking", ["term"])["term"].to_pylist()
    return hashlib.sha256("\n".join(terms).encode()).hexdigest()[:16]


def _read_config(path: Path) -> dict[str, Any]:
    """Read what the model of this file says of itself; refuses a format that this code does not know."""
    config = files.read_json(path.with_suffix(".json"), "joint")
    found = config.get("format") if isinstance(config, dict) else None
    if found != FORMAT:
        raise SejeError(
            f"{path.with_suffix('.json')}: the model's format is {found!r:.20}, this seje reads {FORMAT}: "
            "take the release that wrote it, or run `dvc repro joint`"
        )
    return dict(config)
