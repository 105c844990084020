"""What the classifier learns from: a folder of labelled photos, or the corpus's own.

P photos of the store.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seje.categories.labelled import Labelled, PhotoLists, open_labelled
from seje.errors import SejeError
from seje.progress import say
from seje.vision.own_features import OwnFeatures
from seje.vision.transforms import Photographs


class TrainingPhotos(NamedTuple):
    """Names of the labels, labelled photos, and how many of them were left out as bad."""

    labels: list[str]
    train: Labelled
    test: Labelled
    left_out: int


def labelled_folder(listed: PhotoLists, stored: int, side: int, folder: str) -> TrainingPhotos:
    """Open the photos that `folder` lists; raises SejeError where too few can be read."""
    train, bad_train = open_labelled(listed.train, stored, side)
    test, bad_test = open_labelled(listed.test, stored, side)
    classes = len(np.unique(train.labels))
    if classes < 2 or not len(test):
        raise SejeError(
            f"{folder}: {len(train)} train photos of {classes} classes and {len(test)} test photos can be "
            f"read, {bad_train + bad_test} cannot; needs train photos of 2 classes and a test photo"
        )
    if bad_train + bad_test:
        say(f"{folder}: {bad_train + bad_test} photos cannot be read and are left out")
    if classes < len(listed.classes):
        say(f"{folder}: {len(listed.classes) - classes} classes have no train photo and are never told")
    return TrainingPhotos(listed.classes, train, test, bad_train + bad_test)


def labelled_features(listed: PhotoLists, own: OwnFeatures, folder: Path) -> TrainingPhotos:
    """Take the vectors of the photos that `folder` lists, whose ids are their paths from there."""
    train, test = (_of_features(part, own, folder) for part in (listed.train, listed.test))
    return TrainingPhotos(listed.classes, train, test, 0)


def _of_features(listed: list[tuple[Path, int]], own: OwnFeatures, folder: Path) -> Labelled:
    rows = np.arange(len(listed))
    vectors = own.of([path.relative_to(folder).as_posix() for path, _ in listed])
    return Labelled(vectors, rows, np.array([label for _, label in listed], np.int64), dishes=rows)


def own_photos(
    squares: Photographs,
    partitions: npt.NDArray[np.str_],
    recipes: npt.NDArray[np.int64],
    category: npt.NDArray[np.int64],
    names: Sequence[str],
    background: str,
) -> TrainingPhotos:
    """Learn from photos of train recipes in a category, test on those of val.

    There is nothing to learn where these are of one category alone, which is all that could be said of any
    photo, or of two recipes alone, too few for another classifier to tell each of them.

    Args:
        squares: all photos.
        partitions: of each photo's recipe, [P].
        recipes: row of each photo's recipe, [P].
        category: of each photo's recipe, [P]; 0 is none, else names[category - 1].
        names: the labels.
        background: the one label that is left where there is nothing to learn.
    """
    labels = category - 1
    train, val = (
        Labelled(squares, rows, labels[rows], recipes[rows])
        for rows in (np.flatnonzero((labels >= 0) & (partitions == part)) for part in ("train", "val"))
    )
    if len(np.unique(train.labels)) < 2 or len(np.unique(train.dishes)) < 3:
        say(
            "categories: fewer than two categories or three recipes have photos in train: nothing is "
            "trained, and every photo is background"
        )
        nothing = train.part(np.zeros(len(train), dtype=bool))
        return TrainingPhotos([background], nothing, nothing, 0)
    return TrainingPhotos(list(names), train, val, 0)
