"""Stage `images`: every photo decoded once, shrunk and packed; the unreadable set aside with a reason."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seje.corpus.settings import CorpusSettings
from seje.data.duplicates import Rows, between_partitions, repeating_test, without
from seje.data.records import PARTITIONS
from seje.errors import SejeError
from seje.images.packing import LOOKS, PHOTOS, REJECTED, SET_ASIDE, Keeper, Packer
from seje.images.perceptual_hash import Looks, look_alikes
from seje.images.settings import ImagesSettings
from seje.photos.store import Photos
from seje.shards.settings import ClusterSettings
from seje.workspace import files, paths
from seje.workspace.sharding import LOCAL, Sharded, told

DUPLICATES = pa.schema(
    {"group": pa.int32(), "row": pa.int64(), "photo": pa.string(), "partition": pa.string()}
)
LEAK = "looks like a photo of test"
PACKED, KEPT = "packed", "kept"  # pieces of work: all good photos; those that repeat none of test


def run(images: ImagesSettings, corpus: CorpusSettings, cluster: ClusterSettings = LOCAL) -> None:
    """Keep the first `images.per_recipe` good photos of each recipe; raises SejeError where none is good."""
    folder = Path(corpus.source) / "images"
    settings = {"images": images.model_dump(), "corpus": corpus.model_dump()}
    sharded = Sharded("images", settings, [paths.Corpus.RECIPES], cluster)
    # The folders are those of the given split.
    pack = partial(Packer, paths.Corpus.RECIPES, folder, images, anywhere=corpus.split == "source")
    records = sharded.make(PACKED, pack, "apart", "photos")
    reasons: Counter[str] = Counter()
    for record in records:
        reasons.update(record.counts["reasons"])
    if not any(record.files[PHOTOS].rows for record in records):
        raise SejeError(_none(folder, reasons))
    sharded.take(paths.Images.PHOTOS, PACKED, records, PHOTOS)
    photos = Photos(paths.Images.PHOTOS)
    found = _groups(np.concatenate(list(sharded.arrays(PACKED, records, LOOKS))), photos)
    leaks = repeating_test(found, photos.partitions) if corpus.leaks == "drop" else np.empty(0, np.int64)
    _write_rejected(sharded.tables(PACKED, records, SET_ASIDE), photos, leaks)
    if len(leaks):
        reasons[LEAK] += len(leaks)
        found = without(found, leaks, len(photos), numbered=True)
        keep = partial(Keeper, paths.Images.PHOTOS, leaks)
        sharded.take(paths.Images.PHOTOS, KEPT, sharded.make(KEPT, keep, "cpu", "photos that stay"), PHOTOS)
        photos = Photos(paths.Images.PHOTOS)
    _write_groups(found, photos)
    repeated = between_partitions(found, photos.partitions)
    seen = {"animated": told(records, "animated"), "look_alikes": repeated}
    files.write_json(paths.metrics("images"), _metrics(photos, reasons) | seen)
    sharded.done()


def _groups(hashes: Looks, photos: Photos) -> list[Rows]:
    """Groups of photos that look the same and are not of one recipe."""
    return [rows for rows in look_alikes(hashes) if len(set(photos.recipes[rows].tolist())) > 1]


def _write_rejected(packed: Iterator[Any], photos: Photos, leaks: Rows) -> None:
    """Write the photos that were not packed, then those that repeat one of test."""
    with files.table_rows(paths.Images.REJECTED, REJECTED) as reject:
        for table in packed:
            for row in table.to_pylist():
                reject(row)
        if len(leaks):
            ids = files.read_table(paths.Corpus.RECIPES, "corpus", ["id"])["id"]
            for row in leaks:
                recipe = ids[int(photos.recipes[row])].as_py()
                reject({"photo": photos.photos[row], "recipe": recipe, "reason": LEAK})


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
