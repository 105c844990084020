"""Writes the kitchen's folder as a stream: Recipe1M's layers and photos, and a set like Food-101."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

from seje.data.parallel import chunks, map_processes
from seje.kitchen.broken import KINDS, TEXT_KINDS, Json
from seje.kitchen.dishes import DISHES
from seje.kitchen.leaks import LEAKS, TEXT_LEAKS, leak
from seje.kitchen.records import labelled_photo, leaks, order, record
from seje.progress import track

T = TypeVar("T")
U = TypeVar("U")

LAYERS = ("layer1", "layer2", "det_ingrs")
_TOGETHER = 64  # tasks that travel to a process together


class Shots(NamedTuple):
    """Which photos to draw: their side in pixels, and labelled ones of each dish."""

    pixels: int
    labelled_train: int
    labelled_test: int


class Summary(NamedTuple):
    """What was written."""

    photos: int
    labelled_photos: int
    mean_ingredients: float
    planted: dict[str, int]


class _Written(NamedTuple):
    """A record as JSON ("" for a layer it is not in), its number of ingredient lines, if any, and photos."""

    layers: list[str]
    ingredients: int | None
    photos: int


def write_kitchen(
    folder: Path, recipes: int, broken: float, shots: Shots | None, seed: int, workers: int
) -> Summary:
    """Write `recipes` good recipes, and broken ones on top, `broken` times as many, and last a few leaks.

    `shots` None: text alone; layer2.json is empty and there is no labelled set. Memory does not grow with
    `recipes`; the files do not depend on `workers`, the number of processes.
    """
    kinds = list(KINDS if shots else TEXT_KINDS)
    count = round(broken * recipes)
    planted = Counter(kinds[k % len(kinds)] for k in range(count))
    leaking = list(leaks(recipes, count, LEAKS if shots else TEXT_LEAKS))
    planted.update(kind for _, kind, _ in leaking)
    make = partial(_write_record, folder / "recipe1m", seed, shots.pixels if shots else None)
    made = _ordered(make, chain(order(seed, recipes, count, kinds), leaking), workers)
    total = recipes + count + len(leaking)
    photos, lines = _write_layers(folder / "recipe1m", track(made, "recipes", total))
    labelled = _write_labelled(folder / "food101", shots, seed, workers) if shots else 0
    (folder / "planted.json").write_text(json.dumps(planted, indent=2) + "\n", encoding="utf-8")
    return Summary(photos, labelled, lines, dict(planted))


def _ordered(function: Callable[[T], U], tasks: Iterable[T], workers: int) -> Iterator[U]:
    for done in map_processes(partial(partial, _apply, function), chunks(tasks, _TOGETHER), workers):
        yield from done


def _apply(function: Callable[[T], U], tasks: list[T]) -> list[U]:
    return [function(task) for task in tasks]


def _write_record(
    folder: Path, seed: int, pixels: int | None, task: tuple[int, str] | tuple[int, str, int]
) -> _Written:
    number, kind, *original = task
    made = record(seed, number, pixels, "" if original else kind)
    if original:
        made = leak(made, record(seed, original[0], pixels), kind)
    for name, data in made.photos.items():
        _write_bytes(folder.joinpath("images", made.layer1["partition"], *name[:4], name), data)
    ingredients = made.layer1["ingredients"]
    count = len(ingredients) if isinstance(ingredients, list) else None
    return _Written([_encode(getattr(made, layer)) for layer in LAYERS], count, len(made.photos))


def _encode(row: Json) -> str:
    return json.dumps(row) if row else ""


def _write_layers(folder: Path, made: Iterator[_Written]) -> tuple[int, float]:
    """Write the three files; return the number of photos, and of ingredient lines in a recipe on average."""
    photos = records = lines = 0
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        appends = [stack.enter_context(_json_array(folder / f"{layer}.json")) for layer in LAYERS]
        for written in made:
            for append, row in zip(appends, written.layers, strict=True):
                if row:
                    append(row)
            photos += written.photos
            records += written.ingredients is not None
            lines += written.ingredients or 0
    return photos, lines / records


@contextmanager
def _json_array(path: Path) -> Iterator[Callable[[str], None]]:
    """Give a function that appends one encoded row to a JSON array, one row in a line."""
    before = ""
    with path.open("w", encoding="utf-8") as file:

        def append(row: str) -> None:
            """Write a row behind the last one."""
            nonlocal before
            file.write(f"{before}\n{row}")
            before = ","

        file.write("[")
        yield append
        file.write("\n]\n")


def _write_labelled(folder: Path, shots: Shots, seed: int, workers: int) -> int:
    names = [dish.name.replace(" ", "_") for dish in DISHES]
    labels = sorted(range(len(names)), key=names.__getitem__)
    each = shots.labelled_train + shots.labelled_test
    tasks = [(label, number) for label in labels for number in range(each)]
    made = _ordered(partial(_write_labelled_photo, folder, seed, shots.pixels), tasks, workers)
    lists: dict[str, list[str]] = {"train": [], "test": []}
    for (_, number), name in zip(tasks, track(made, "labelled photos", len(tasks)), strict=True):
        lists["train" if number < shots.labelled_train else "test"].append(name)
    lists["classes"] = [names[label] for label in labels]
    lists["labels"] = [DISHES[label].name.capitalize() for label in labels]
    for name, lines in lists.items():
        _write_bytes(folder / "meta" / f"{name}.txt", "".join(f"{line}\n" for line in lines).encode())
    return len(tasks)


def _write_labelled_photo(folder: Path, seed: int, pixels: int, task: tuple[int, int]) -> str:
    label, number = task
    id_, data = labelled_photo(seed, label, number, pixels)
    name = f"{DISHES[label].name.replace(' ', '_')}/{id_}"
    _write_bytes(folder / "images" / f"{name}.jpg", data)
    return name


def _write_bytes(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
