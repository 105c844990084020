"""Recipe categories of the corpus: read, built from titles or refined by photos; written as tables."""

import csv
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seje.categories.classes1m import read_classes
from seje.categories.recipe_categories import Category, assign, given, refine
from seje.data.records import PARTITIONS
from seje.errors import SejeError

COLUMNS = ["id", "partition", "title"]


class Assignment(NamedTuple):
    """Recipe categories, background first, and that of each recipe."""

    found: list[Category]
    category: npt.NDArray[np.int32]

    def background_share(self) -> float:
        """Share of the recipes that no category takes."""
        return float((self.category == 0).mean())


def read(path: Path, recipes: Any) -> Assignment:
    """Take the categories that im2recipe's classes1M.pkl gives; raises SejeError where it is of no recipe."""
    classes = read_classes(path)
    ids, partitions = recipes["id"].to_pylist(), recipes["partition"].to_pylist()
    if classes.recipes.keys().isdisjoint(ids):
        raise SejeError(
            f"{path}: none of its {len(classes.recipes)} ids is one of the corpus's {len(ids)} recipes: "
            "fetch the file that belongs to them, or take it away and categories are built from titles"
        )
    return Assignment(*given(ids, partitions, classes.recipes, classes.names))


def built(
    recipes: Any,
    photo_recipes: npt.NDArray[np.int32],
    names: Sequence[str],
    candidates: int,
    most: int,
    least: int,
) -> Assignment:
    """Build categories from titles and then `names`: at most `most` bigrams, each of `least` in train."""
    with_photo = np.zeros(recipes.num_rows, dtype=bool)
    with_photo[photo_recipes] = True
    titles, partitions = recipes["title"].to_pylist(), recipes["partition"].to_pylist()
    return Assignment(*assign(titles, partitions, with_photo, names, candidates, most, least))


def refined(
    assignment: Assignment, recipes: Any, photo_recipes: npt.NDArray[np.int32], labels: Sequence[str | None]
) -> Assignment:
    """Let the first photo of a train recipe tell the category of one that has none, if it tells any."""
    rows, first = np.unique(photo_recipes, return_index=True)
    seen = {int(row): label for row, photo in zip(rows, first, strict=True) if (label := labels[photo])}
    return Assignment(*refine(*assignment, recipes["partition"].to_pylist(), seen))


def write_names(assignment: Assignment, path: Path) -> None:
    """Write the categories as CSV for people."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["category", "name", *PARTITIONS])
        rows.writerows([number, *astuple(entry)] for number, entry in enumerate(assignment.found))
