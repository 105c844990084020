"""Labelled photos: a folder in Food-101's layout, bad photos counted and left out; parts of them.

N photos.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seje.data.parallel import map_threads
from seje.errors import SejeError
from seje.photos.decoding import BadPhoto, open_photo
from seje.progress import track
from seje.vision.transforms import Photographs, Squares

THREADS = 4


@dataclass(frozen=True)
class PhotoLists:
    """What meta/ lists: names of the classes; path and class of each photo."""

    classes: list[str]
    train: list[tuple[Path, int]]
    test: list[tuple[Path, int]]


@dataclass(frozen=True)
class Labelled:
    """Photos (rows of `squares`), their classes, and which of them show one dish: all int64 [N].

    Photos of one dish have the same number in `dishes`, and the same class.
    """

    squares: Photographs
    rows: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    dishes: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, some: npt.NDArray[np.bool_]) -> "Labelled":
        """Give those photos where `some` [N] is true."""
        return Labelled(self.squares, self.rows[some], self.labels[some], self.dishes[some])


def read_lists(folder: Path) -> PhotoLists:
    """Read meta/classes.txt, train.txt and test.txt; raises SejeError where a line cannot be meant."""
    classes = _lines(folder / "meta/classes.txt")
    if len(classes) < 2 or len(set(classes)) < len(classes):
        raise SejeError(f"{folder}/meta/classes.txt: needs two classes or more, each once")
    numbers = {name: number for number, name in enumerate(classes)}
    train, test = (_photos(folder, part, numbers) for part in ("train", "test"))
    if len({number for _, number in train}) < 2:
        raise SejeError(
            f"{folder}/meta/train.txt: all photos are of one class, needs two or more to tell apart"
        )
    if both := {path for path, _ in train} & {path for path, _ in test}:
        raise SejeError(
            f"{folder}/meta/test.txt: {len(both)} of its photos are in train.txt too, as {min(both).stem}: a "
            "photo is learnt from or tested on"
        )
    return PhotoLists(classes, train, test)


def open_labelled(listed: list[tuple[Path, int]], stored: int, size: int) -> tuple[Labelled, int]:
    """Decode photos to squares of `size`, shrunk first to the `stored` size; also counts those left out."""
    squares = Squares(lambda row: np.asarray(open_photo(listed[row][0], stored)), len(listed), size)
    good = np.fromiter(
        track(map_threads(_readable(squares), range(len(listed)), THREADS), "labelled photos", len(listed)),
        dtype=bool,
    )
    labels = np.asarray([label for _, label in listed], dtype=np.int64)
    rows = np.flatnonzero(good)
    return Labelled(squares, rows, labels[good], dishes=rows), int((~good).sum())


def deal(photos: Labelled, count: int, seed: int) -> npt.NDArray[np.int64]:
    """Deal photos out into `count` folds: the fold of each [N], from 0.

    Photos of one dish stay together; every fold gets of each class about as many dishes.
    """
    _, first, dish = np.unique(photos.dishes, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(first))
    order = order[np.argsort(photos.labels[first][order], kind="stable")]
    fold = np.empty(len(first), np.int64)
    fold[order] = np.arange(len(first)) % count
    return fold[dish]


def _readable(squares: Squares) -> Callable[[int], bool]:
    def readable(row: int) -> bool:
        """Say whether a photo can be decoded; its square is kept."""
        try:
            squares.batch([row])
        except BadPhoto:
            return False
        return True

    return readable


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SejeError(
            f"{path} cannot be read ({type(error).__name__}): categories.labelled needs a folder "
            "in Food-101's layout, or null for the corpus's own photos"
        ) from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def _photos(folder: Path, part: str, numbers: dict[str, int]) -> list[tuple[Path, int]]:
    listed = []
    for line in _lines(folder / f"meta/{part}.txt"):
        name, _, photo = line.partition("/")
        if name not in numbers or not photo or "/" in photo or ".." in photo:
            raise SejeError(f"{folder}/meta/{part}.txt: {line!r:.60} is not <class of classes.txt>/<photo>")
        listed.append((folder / "images" / name / f"{photo}.jpg", numbers[name]))
    if not listed:
        raise SejeError(f"{folder}/meta/{part}.txt lists no photo")
    return listed
