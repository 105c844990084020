"""Any collection as pairs: its recipes as the stage `corpus` reads them, each with its first usable photo."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from seje.corpus.recipe1m import read_recipes
from seje.data.parallel import chunks, map_threads
from seje.data.records import LAYERS, Limits, Recipe, Rejected
from seje.errors import SejeError
from seje.images.places import find
from seje.model.model import BATCH, Model
from seje.model.photo_encoder import PhotoEncoder
from seje.photos.decoding import BadPhoto
from seje.progress import track
from seje.retrieval.protocol import WHOLE
from seje.towers.embedding import Embeddings

FEWEST = 2  # pairs: one alone is always found
Reasons = Counter[str]


@dataclass(frozen=True)
class Collection:
    """The recipes of a folder, in the order of layer1.json, and how many records were set aside."""

    folder: Path
    partition: str  # train, val or test; WHOLE: all of them
    recipes: list[Recipe]
    aside: dict[str, Reasons]  # by layer; under "photos", entries of layer2.json that name none


@dataclass(frozen=True)
class Pairs:
    """N recipes with a photo, the photos' unit vectors [N, E], and what was read to get them."""

    recipes: list[Recipe]
    photos: Embeddings
    counts: dict[str, Any]


def read(folder: Path, partition: str, limits: Limits) -> Collection:
    """Read a folder in a layout that the stage `corpus` reads; raises SejeError where it is none.

    Args:
        folder: holds layer1.json, layer2.json and images/.
        partition: which recipes are kept; WHOLE: all.
        limits: recipes with more lines are set aside.
    """
    recipes: list[Recipe] = []
    aside: dict[str, Reasons] = {name: Counter() for name in (*LAYERS, "photos")}
    for record in read_recipes(folder, limits):
        if isinstance(record, Rejected):
            aside[record.layer if record.photo is None else "photos"][record.reason] += 1
        elif partition in {WHOLE, record[1].partition}:
            recipes.append(record[1])
    return Collection(folder, partition, recipes, aside)


def pair(collection: Collection, model: Model) -> Pairs:
    """Embed the first photo of each recipe that can be used; raises SejeError for fewer than FEWEST pairs.

    Photos are looked for as the stage `images` does, and no more than a batch of them is held.
    """
    if not collection.recipes:
        raise SejeError(_too_few(collection, 0, Counter()))
    kept: list[Recipe] = []
    bad: Reasons = Counter()
    vectors: list[Embeddings] = []
    for batch in chunks(_usable(collection, model.photo_encoder, bad), BATCH):
        kept += [recipe for recipe, _ in batch]
        vectors.append(model.embed_shrunk([jpeg for _, jpeg in batch]))
    if len(kept) < FEWEST:
        raise SejeError(_too_few(collection, len(kept), bad))
    counts = {
        "partition": collection.partition,
        "recipes": len(collection.recipes),
        "without_photo": len(collection.recipes) - len(kept),
        "photos_set_aside": dict(sorted(bad.items())),
        "records_set_aside": {name: dict(sorted(of.items())) for name, of in collection.aside.items()},
    }
    return Pairs(kept, np.concatenate(vectors), counts)


def _usable(collection: Collection, encoder: PhotoEncoder, bad: Reasons) -> Iterator[tuple[Recipe, bytes]]:
    """Yield the recipes that have a photo which can be used, with the first; count why others cannot."""
    shrink = partial(_first, collection.folder / "images", encoder)
    found = map_threads(shrink, collection.recipes, os.cpu_count() or 1)
    for recipe, jpeg, reasons in track(found, "photos of recipes", len(collection.recipes)):
        bad.update(reasons)
        if jpeg is not None:
            yield recipe, jpeg


def _first(folder: Path, encoder: PhotoEncoder, recipe: Recipe) -> tuple[Recipe, bytes | None, list[str]]:
    reasons: list[str] = []
    for name in recipe.photos:
        try:
            place = find(folder, name, [recipe.partition])
            if place is None:
                raise BadPhoto("missing")
            return recipe, encoder.shrink(place), reasons
        except BadPhoto as reason:
            reasons.append(str(reason))
    return recipe, None, reasons


def _too_few(collection: Collection, pairs: int, bad: Reasons) -> str:
    of = "" if collection.partition == WHOLE else f" of {collection.partition}"
    recipes = len(collection.recipes)
    why = f" ({told(bad) or 'they list none'})" if recipes else ""
    aside = told(collection.aside["layer1"])
    return (
        f"{collection.folder}: {FEWEST} recipes with a photo are needed: of {recipes} good ones{of}, {pairs} "
        f"have one{why}" + (f"; set aside in layer1.json: {aside}" if aside else "")
    )


def summary(counts: dict[str, Any]) -> list[str]:
    """What was read and set aside, as `Pairs.counts` has it, in lines for people."""
    aside = {name: reasons for name, reasons in counts["records_set_aside"].items() if reasons}
    lines = [f"set aside of {name}: {told(reasons)}" for name, reasons in aside.items()]
    if counts["photos_set_aside"]:
        lines.append(f"photos that cannot be used: {told(counts['photos_set_aside'])}")
    pairs = counts["recipes"] - counts["without_photo"]
    return [*lines, f"{pairs} of {counts['recipes']} recipes have a photo that can be used"]


def told(reasons: Reasons | dict[str, int]) -> str:
    """Reasons and how often each comes, in one line; "" for none."""
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
