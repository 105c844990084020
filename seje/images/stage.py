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

from seje.corpus.settings import CorpusSettings
from seje.data.duplicates import Rows, between_partitions, repeating_test, without
from seje.data.parallel import map_threads
from seje.data.records import PARTITIONS
from seje.errors import SejeError
from seje.images.perceptual_hash import WORDS, Looks, look_alikes, looks
from seje.images.places import find
from seje.images.settings import ImagesSettings
from seje.photos.decoding import BadPhoto, encode, open_photo
from seje.photos.store import Photos, copy_without, store_writer
from seje.progress import track
from seje.workspace import files, paths

REJECTED = pa.schema({"photo": pa.string(), "recipe": pa.string(), "reason": pa.string()})
DUPLICATES = pa.schema(
    {"group": pa.int32(), "row": pa.int64(), "photo": pa.string(), "partition": pa.string()}
)
LEAK = "looks like a photo of test"


class _Recipe(NamedTuple):
    row: int
    id: str
    partition: str
    photos: list[str]


def run(images: ImagesSettings, corpus: CorpusSettings) -> None:
    """Keep the first `images.per_recipe` good photos of each recipe; raises SejeError where none is good."""
    folder = Path(corpus.source) / "images"
    count = files.count_rows(paths.Corpus.RECIPES, "corpus")
    # The folders are those of the given split.
    pack = partial(_pack, folder=folder, images=images, anywhere=corpus.split == "source")
    reasons: Counter[str] = Counter()
    animated = 0
    hashes = bytearray()  # 32 for each photo: all that is held of it
    with (
        files.atomic(paths.Images.PHOTOS) as part,
        files.table_rows(paths.Images.REJECTED, REJECTED) as reject,
    ):
        with store_writer(part, images.size) as keep:
            done = map_threads(pack, _recipes(), threads=os.cpu_count() or 1)
            for good, bad in track(done, "photos of recipes", count):
                for row, hashed, moves in good:
                    keep(row)
                    hashes += hashed.tobytes()
                    animated += moves
                for row in bad:
                    reject(row)
                reasons.update(row["reason"] for row in bad)
        if not hashes:
            raise SejeError(_none(folder, reasons))
        found = _groups(np.frombuffer(hashes, np.uint16).reshape(-1, WORDS), Photos(part))
        if corpus.leaks == "drop":
            found, dropped = _drop(part, found)
            for row in dropped:
                reject(row)
            reasons.update(row["reason"] for row in dropped)
    photos = Photos(paths.Images.PHOTOS)
    _write_groups(found, photos)
    repeated = between_partitions(found, photos.partitions)
    seen = {"animated": animated, "look_alikes": repeated}
    files.write_json(paths.metrics("images"), _metrics(photos, reasons) | seen)


def _groups(hashes: Looks, photos: Photos) -> list[Rows]:
    """Groups of photos that look the same and are not of one recipe."""
    return [rows for rows in look_alikes(hashes) if len(set(photos.recipes[rows].tolist())) > 1]


def _drop(part: Path, found: list[Rows]) -> tuple[list[Rows], list[dict[str, Any]]]:
    """Take train and val photos that repeat one of test out of the store; give the groups left, and them."""
    photos = Photos(part)
    dropped = repeating_test(found, photos.partitions)
    kept = np.ones(len(photos), bool)
    kept[dropped] = False
    number = np.cumsum(kept) - 1  # of a row that is left
    ids = [recipe.id for recipe in _recipes()]
    rejected = [
        {"photo": photos.photos[row], "recipe": ids[photos.recipes[row]], "reason": LEAK} for row in dropped
    ]
    with files.atomic(part) as fewer:
        copy_without(part, dropped, fewer)
    return [number[rows] for rows in without(found, dropped, len(photos))], rejected


def _write_groups(found: list[Rows], photos: Photos) -> None:
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


def _recipes() -> Iterator[_Recipe]:
    batches = files.read_batches(paths.Corpus.RECIPES, "corpus", ["id", "partition", "photos"])
    recipes = chain.from_iterable(batch.to_pylist() for batch in batches)
    for row, recipe in enumerate(recipes):
        yield _Recipe(row, recipe["id"], recipe["partition"], recipe["photos"])


def _pack(
    recipe: _Recipe, folder: Path, images: ImagesSettings, anywhere: bool
) -> tuple[list[tuple[dict[str, Any], Looks, bool]], list[dict[str, Any]]]:
    """Rows of a recipe's photos for the store, how they look and whether they are of an animation; rows of
    those that are not good."""
    good: list[tuple[dict[str, Any], Looks, bool]] = []
    bad: list[dict[str, Any]] = []
    partitions = dict.fromkeys([recipe.partition, *PARTITIONS]) if anywhere else [recipe.partition]
    for photo in recipe.photos:
        if len(good) == images.per_recipe:
            break
        try:
            image = open_photo(find(folder, photo, partitions), images.size)
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


def _metrics(photos: Photos, reasons: Counter[str]) -> dict[str, Any]:
    _, first = np.unique(photos.recipes, return_index=True)
    return {
        "photos": _counts(photos.partitions),
        "recipes_with_photo": _counts(photos.partitions[first]),
        "rejected": {"all": reasons.total(), "reasons": dict(sorted(reasons.items()))},
    }


def _counts(partitions: Any) -> dict[str, int]:
    return {"all": len(partitions)} | {name: int((partitions == name).sum()) for name in PARTITIONS}
