"""Stage `images`: every photo decoded once, shrunk and packed; the unreadable set aside with a reason."""

import os
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from seje import files, params, paths
from seje.data.photos import BadPhoto, encode, locate, open_photo
from seje.data.records import PARTITIONS
from seje.data.store import ordered_map, store_writer
from seje.errors import SejeError
from seje.progress import track

REJECTED = pa.schema({"photo": pa.string(), "recipe": pa.string(), "reason": pa.string()})


class _Recipe(NamedTuple):
    row: int
    id: str
    partition: str
    photos: list[str]


def run(images: params.Images, corpus: params.Corpus) -> None:
    """Keep the first `images.per_recipe` good photos of each recipe; raises SejeError where none is good."""
    folder = Path(corpus.source) / "images"
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "partition", "photos"])
    pack = partial(_pack, folder=folder, images=images)
    kept: Counter[str] = Counter()
    recipes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    with (
        warnings.catch_warnings(action="ignore"),
        files.atomic(paths.Images.PHOTOS) as part,
        files.table_rows(paths.Images.REJECTED, REJECTED) as reject,
    ):
        with store_writer(part, images.size) as keep:
            done = ordered_map(pack, _recipes(table), threads=os.cpu_count() or 1)
            for good, bad in track(done, "photos of recipes", table.num_rows):
                for row in good:
                    keep(row)
                for row in bad:
                    reject(row)
                kept.update(row["partition"] for row in good)
                recipes.update(row["partition"] for row in good[:1])
                reasons.update(row["reason"] for row in bad)
        if not kept:
            raise SejeError(_none(folder, reasons))
    files.write_json(paths.metrics("images"), _metrics(kept, recipes, reasons))


def _recipes(table: Any) -> Iterator[_Recipe]:
    row = 0
    for batch in table.to_batches(max_chunksize=1000):
        for recipe in batch.to_pylist():
            yield _Recipe(row, recipe["id"], recipe["partition"], recipe["photos"])
            row += 1


def _pack(
    recipe: _Recipe, folder: Path, images: params.Images
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of a recipe's photos for the store, and of those that are not good."""
    good: list[dict[str, Any]] = []
    bad: list[dict[str, Any]] = []
    for photo in recipe.photos:
        if len(good) == images.per_recipe:
            break
        try:
            jpeg = encode(open_photo(locate(folder, photo, recipe.partition), images.size), images.quality)
        except BadPhoto as reason:
            bad.append({"photo": photo, "recipe": recipe.id, "reason": str(reason)})
        else:
            row = {"photo": photo, "recipe": recipe.row, "partition": recipe.partition, "jpeg": jpeg}
            good.append(row)
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
