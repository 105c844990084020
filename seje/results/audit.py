"""What is wrong with a corpus: repeated recipes and photos, partitions that leak, recipes without a photo."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from seje.data.duplicates import between_partitions
from seje.data.records import PARTITIONS
from seje.images.places import find
from seje.photos.store import Photos
from seje.workspace import files, lineage, paths


def audit(source: Path) -> dict[str, Any]:
    """Go through what the stages `corpus` and `images` found; `source` is where the photos were read from.

    Everything is counted, and what comes twice is listed: {"counts": {...}, "recipes": [group, ...],
    "photos": [group, ...], "shared_photos": [...]}, a group being a list of its members.
    """
    lineage.check("images")
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "title", "partition", "photos"])
    recipes = table.to_pylist()
    photos = Photos(files.need(paths.Images.PHOTOS, "images"))
    titles = {recipe["id"]: recipe["title"] for recipe in recipes}
    repeated = _groups(files.read_table(paths.Corpus.DUPLICATES, "corpus").to_pylist())
    alike = _groups(files.read_table(paths.Images.DUPLICATES, "images").to_pylist())
    shared = _shared(recipes)
    return {
        "counts": {
            "recipes_nearly_the_same": _between(repeated),
            "photos_that_look_the_same": _between(alike),
            "photos_used_twice": len(shared),
            "recipes_without_photo": _without_photo(table["partition"].to_numpy(), photos.recipes),
            "mislabelled": _mislabelled(source / "images", table),
        },
        "recipes": [[{**one, "title": titles[one["id"]]} for one in group] for group in repeated],
        "photos": [[_shown(one, photos, recipes) for one in group] for group in alike],
        "shared_photos": shared,
    }


def _groups(members: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in members:
        found[one.pop("group")].append(one)
    return list(found.values())


def _between(found: list[list[dict[str, Any]]]) -> dict[str, int]:
    partitions = np.array([one["partition"] for group in found for one in group], np.str_)
    ends = np.cumsum([len(group) for group in found])
    return between_partitions(np.split(np.arange(len(partitions)), ends[:-1]) if found else [], partitions)


def _shared(recipes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """File names that more than one recipe lists, with those recipes."""
    listed = Counter(photo for recipe in recipes for photo in recipe["photos"])
    found: dict[str, list[str]] = defaultdict(list)
    for recipe in recipes:
        for photo in (photo for photo in recipe["photos"] if listed[photo] > 1):
            found[photo].append(recipe["id"])
    return [{"photo": photo, "recipes": ids} for photo, ids in found.items()]


def _without_photo(partitions: Any, shown: Any) -> dict[str, int]:
    bare = np.delete(partitions, np.unique(shown))
    return {"all": len(bare)} | {name: int((bare == name).sum()) for name in PARTITIONS}


def _mislabelled(folder: Path, table: Any) -> dict[str, int]:
    """Records of no known partition, and missing photos that lie in another partition's folder."""
    reasons = Counter(files.read_table(paths.Corpus.REJECTED, "corpus")["reason"].to_pylist())
    partition = dict(zip(table["id"].to_pylist(), table["partition"].to_pylist(), strict=True))
    rejected = files.read_table(paths.Images.REJECTED, "images").to_pylist()
    missing = [one for one in rejected if one["reason"] == "missing"]
    elsewhere = sum(
        find(folder, one["photo"], [name for name in PARTITIONS if name != partition[one["recipe"]]])
        is not None
        for one in missing
    )
    return {"recipes": reasons["unknown partition"], "photos_in_another_folder": elsewhere}


def _shown(one: dict[str, Any], photos: Photos, recipes: list[dict[str, Any]]) -> dict[str, Any]:
    recipe = recipes[int(photos.recipes[one["row"]])]
    kept = {name: one[name] for name in ("photo", "partition")}
    return {**kept, "recipe": recipe["id"], "title": recipe["title"]}
