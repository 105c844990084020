"""The photos of a shard of recipes: found, decoded, shrunk, packed; the others with a reason each."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from seje.data.duplicates import Rows
from seje.data.parallel import map_threads
from seje.data.records import PARTITIONS
from seje.images.perceptual_hash import WORDS, Looks, looks
from seje.images.places import find
from seje.images.settings import ImagesSettings
from seje.photos.decoding import BadPhoto, encode, open_photo
from seje.photos.store import Photos, copy_without, store_writer
from seje.shards import manifest
from seje.shards.tables import shard_batches
from seje.shards.work import Made, Notes, Task, threads

REJECTED = pa.schema({"photo": pa.string(), "recipe": pa.string(), "reason": pa.string()})
PHOTOS, SET_ASIDE, LOOKS = "images.arrow", "rejected.parquet", "looks.npy"  # files of a shard


class Recipe(NamedTuple):
    """What is needed of a recipe to find its photos; `row` is its row in the corpus."""

    row: int
    id: str
    partition: str
    photos: list[str]


class Packed(NamedTuple):
    """Rows of a recipe's photos for the store, how they look, which are of animations; the bad ones' rows."""

    good: list[tuple[dict[str, Any], Looks, bool]]
    bad: list[dict[str, Any]]


class Packer:
    """Packs the photos of a shard's recipes.

    Args:
        recipes: the corpus's table, or its shards.
        folder: where the photos are.
        images: how many of a recipe, and how they are kept.
        anywhere: whether a photo may lie in the folder of another partition than its recipe's.
    """

    def __init__(self, recipes: Path, folder: Path, images: ImagesSettings, anywhere: bool) -> None:
        self._recipes, self._folder, self._images, self._anywhere = recipes, folder, images, anywhere

    def reads(self, task: Task) -> str:
        """Hash where the shard's photos are, their sizes and times."""
        digest = hashlib.sha256()
        for recipe in self._of(task):
            for photo in recipe.photos:
                digest.update(repr(self._told(recipe, photo)).encode())
        return digest.hexdigest()

    def _told(self, recipe: Recipe, photo: str) -> tuple[str, int, int] | None:
        try:
            path = find(self._folder, photo, self._partitions(recipe))
            told = path.stat() if path else None
        except (OSError, ValueError):  # a name that no file can have
            return None
        return told and (str(path), told.st_size, told.st_mtime_ns)

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write the photos, what is set aside, and 32 bytes of each photo's looks."""
        pack = partial(self._pack, notes=notes)
        done = map_threads(pack, self._of(task), threads=1 if notes.careful else threads())
        reasons: Counter[str] = Counter()
        hashes, kept, animated, rejected = bytearray(), 0, 0, []
        with store_writer(folder / PHOTOS, self._images.size) as keep:
            for good, bad in done:
                for row, hashed, moves in good:
                    keep(row)
                    hashes += hashed.tobytes()
                    animated += moves
                    kept += 1
                rejected += bad
                reasons.update(row["reason"] for row in bad)
        np.save(folder / LOOKS, np.frombuffer(hashes, np.uint16).reshape(-1, WORDS))
        pq.write_table(pa.Table.from_pylist(rejected, REJECTED), folder / SET_ASIDE)
        rows = {PHOTOS: kept, LOOKS: kept, SET_ASIDE: len(rejected)}
        return Made(rows, {"reasons": dict(reasons), "animated": animated})

    def _of(self, task: Task) -> Iterator[Recipe]:
        batches = shard_batches(self._recipes, task.number, ["id", "partition", "photos"])
        rows = chain.from_iterable(batch.to_pylist() for batch in batches)
        for row, recipe in enumerate(rows, task.first):
            yield Recipe(row, recipe["id"], recipe["partition"], recipe["photos"])

    def _partitions(self, recipe: Recipe) -> list[str]:
        return list(dict.fromkeys([recipe.partition, *PARTITIONS])) if self._anywhere else [recipe.partition]

    def _pack(self, recipe: Recipe, notes: Notes) -> Packed:
        packed = Packed([], [])
        for photo in recipe.photos:
            if len(packed.good) == self._images.per_recipe:
                break
            try:
                packed.good.append(self._photo(recipe, photo, notes))
            except BadPhoto as reason:
                packed.bad.append({"photo": photo, "recipe": recipe.id, "reason": str(reason)})
        return packed

    def _photo(self, recipe: Recipe, photo: str, notes: Notes) -> tuple[dict[str, Any], Looks, bool]:
        if notes.deadly(photo):
            raise BadPhoto("kills its decoder")
        with notes.at(photo):
            image = open_photo(find(self._folder, photo, self._partitions(recipe)), self._images.size)
        row = {"photo": photo, "recipe": recipe.row, "partition": recipe.partition}
        return row | {"jpeg": encode(image, self._images.quality)}, looks(image), "animated" in image.info


class Keeper:
    """Copies a shard of photos without some of them.

    Args:
        photos: the store of all, or its shards.
        dropped: rows of those that do not stay, of the whole store.
    """

    def __init__(self, photos: Path, dropped: Rows) -> None:
        self._photos, self._dropped = photos, dropped
        rows = manifest.rows_of_parts(photos) or [len(Photos(photos))]
        self._starts = np.cumsum([0, *rows])

    def reads(self, task: Task) -> str:
        """Hash the rows that do not stay."""
        return hashlib.sha256(self._dropped.tobytes()).hexdigest()

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write the photos that stay."""
        start, end = self._starts[task.number : task.number + 2]
        here = self._dropped[(self._dropped >= start) & (self._dropped < end)] - start
        copy_without(manifest.part(self._photos, task.number), here, folder / PHOTOS)
        return Made({PHOTOS: int(end - start) - len(here)}, {})
