"""Stage `images`: every photo decoded once, shrunk and packed; the unreadable set aside with a reason."""

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from seje import files, params, paths
from seje.data.duplicates import between_partitions
from seje.data.photos import BadPhoto, encode, locate, open_photo
from seje.data.records import PARTITIONS
from seje.data.store import Photos, ordered_map, store_writer
from seje.errors import SejeError
from seje.progress import track
from seje.vision.looks import WORDS, Looks, look_alikes, looks

REJECTED = pa.schema({"photo": pa.string(), "recipe": pa.string(), "reason": pa.string()})
DUPLICATES = pa.schema(
    {"group": pa.int32(), "row": pa.int64(), "photo": pa.string(), "partition": pa.string()}
)


class _Recipe(NamedTuple):
    row: int
    id: str
    partition: str
    photos: list[str]


def run(images: params.Images, corpus: params.Corpus) -> None:
    """Keep the first `images.per_recipe` good photos of each recipe; raises SejeError where none is good."""
    folder = Path(corpus.source) / "images"
    count = files.count_rows(paths.Corpus.RECIPES, "corpus")
    pack = partial(_pack, folder=folder, images=images)
    kept: Counter[str] = Counter()
    recipes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    animated = 0
    hashes = bytearray()  # 32 for each photo: all that is held of it
    with (
        files.atomic(paths.Images.PHOTOS) as part,
        files.table_rows(paths.Images.REJECTED, REJECTED) as reject,
    ):
        with store_writer(part, images.size) as keep:
            done = ordered_map(pack, _recipes(), threads=os.cpu_count() or 1)
            for good, bad in track(done, "photos of recipes", count):
                for row, hashed, moves in good:
                    keep(row)
                    hashes += hashed.tobytes()
                    animated += moves
                for row in bad:
                    reject(row)
                kept.update(row["partition"] for row, *_ in good)
                recipes.update(row["partition"] for row, *_ in good[:1])
                reasons.update(row["reason"] for row in bad)
        if not kept:
            raise SejeError(_none(folder, reasons))
    repeated = _write_groups(np.frombuffer(hashes, np.uint16).reshape(-1, WORDS))
    seen = {"animated": animated, "look_alikes": repeated}
    files.write_json(paths.metrics("images"), _metrics(kept, recipes, reasons) | seen)


def _write_groups(hashes: Looks) -> dict[str, int]:
    """Write the groups of photos that look the same and are not of one recipe; count them."""
    photos = Photos(paths.Images.PHOTOS)
    found = [rows for rows in look_alikes(hashes) if len(set(photos.recipes[rows].tolist())) > 1]
    with files.table_rows(paths.Images.DUPLICATES, DUPLICATES) as add:
        for group, rows in enumerate(found):
            for row in rows:
                add(
                    {
                        "group": group,
                        "row": row,
                        "photo": photos.photos[row],
                        "partition": photos.partitions[row],
                    }
                )
    return between_partitions(found, photos.partitions)


def _recipes() -> Iterator[_Recipe]:
    batches = files.read_batches(paths.Corpus.RECIPES, "corpus", ["id", "partition", "photos"])
    recipes = chain.from_iterable(batch.to_pylist() for batch in batches)
    for row, recipe in enumerate(recipes):
        yield _Recipe(row, recipe["id"], recipe["partition"], recipe["photos"])


def _pack(
    recipe: _Recipe, folder: Path, images: params.Images
) -> tuple[list[tuple[dict[str, Any], Looks, bool]], list[dict[str, Any]]]:
    """Rows of a recipe's photos for the store, how they look and whether they are of an animation; rows of
    those that are not good."""
    good: list[tuple[dict[str, Any], Looks, bool]] = []
    bad: list[dict[str, Any]] = []
    for photo in recipe.photos:
        if len(good) == images.per_recipe:
            break
        try:
            image = open_photo(locate(folder, photo, recipe.partition), images.size)
        except BadPhoto as reason:
            bad.append({"photo": photo, "recipe": recipe.id, "reason": str(reason)})
        else:
            row = {"photo": photo, "recipe": recipe.row, "partition": recipe.partition}
            jpeg = encode(image, images.quality)
            good.append((row | {"jpeg": jpeg}, looks(image), "animated" in image.info))
    return good, bad


def _none(folder: Path, reasons: Counter[str]) -> str:
    if not reasons:
        return f"{folder}: no recipe names a photo: corpus.source needs a layer2.json that lists them"
    found = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    return (
        f"{folder}: none of the recipes' photos can be read ({found}): they are looked for as "
        "[<partition>/][a/b/c/d/]abcd....jpg; set corpus.source to the folder that holds images/"
    )


def _metrics(kept: Counter[str], recipes: Counter[str], reasons: Counter[str]) -> dict[str, Any]:
    return {
        "photos": {"all": kept.total()} | {name: kept[name] for name in PARTITIONS},
        "recipes_with_photo": {"all": recipes.total()} | {name: recipes[name] for name in PARTITIONS},
        "rejected": {"all": reasons.total(), "reasons": dict(sorted(reasons.items()))},
    }
