"""Writes the kitchen's folder: Recipe1M's layers and photos, and a labelled set in Food-101's layout."""

import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from seje.data.kitchen.broken import KINDS, Record
from seje.data.kitchen.dishes import DISHES
from seje.data.kitchen.records import hexadecimal, labelled_photo, record
from seje.progress import track


class Summary(NamedTuple):
    """What was written."""

    photos: int
    labelled_photos: int
    mean_ingredients: float
    planted: dict[str, int]


def write_kitchen(
    folder: Path,
    recipes: int,
    pixels: int,
    labelled: tuple[int, int],
    broken: float,
    seed: int,
    workers: int,
) -> Summary:
    """Write `recipes` good recipes, the broken ones on top, and (train, test) labelled photos of each dish.

    `broken` is a share of `recipes`. The files do not depend on `workers`, the number of processes.
    """
    kinds = [list(KINDS)[i % len(KINDS)] for i in range(round(broken * recipes))]
    with _mapper(workers) as mapped:
        numbers = enumerate([""] * recipes + kinds)
        made = mapped(partial(_make_record, seed, pixels), list(numbers), "recipes with photos")
        layers, photos = _write_photos(folder / "recipe1m", seed, made)
        count = _write_labelled(folder / "food101", labelled, partial(_make_labelled, seed, pixels), mapped)
    for name, rows in layers.items():
        _write_layer(folder / "recipe1m" / f"{name}.json", rows)
    planted = dict(Counter(kinds))
    (folder / "planted.json").write_text(json.dumps(planted, indent=2) + "\n", encoding="utf-8")
    lengths = [len(row["ingredients"]) for row in layers["layer1"] if isinstance(row["ingredients"], list)]
    return Summary(photos, count, sum(lengths) / len(lengths), planted)


@contextmanager
def _mapper(workers: int) -> Iterator[Callable[..., Iterator[Any]]]:
    if workers == 1:
        yield lambda function, tasks, what: track(map(function, tasks), what, len(tasks))
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield lambda function, tasks, what: track(pool.map(function, tasks, chunksize=16), what, len(tasks))


def _make_record(seed: int, pixels: int, task: tuple[int, str]) -> tuple[int, Record]:
    number, kind = task
    return number, record(seed, number, pixels, kind)


def _make_labelled(seed: int, pixels: int, task: tuple[int, int]) -> tuple[str, bytes]:
    return labelled_photo(seed, *task, pixels)


def _write_photos(
    folder: Path, seed: int, made: Iterator[tuple[int, Record]]
) -> tuple[dict[str, list[Any]], int]:
    rows: list[tuple[str, int, Record]] = []
    photos = 0
    for number, item in made:
        partition = item.layer1["partition"]
        for name, data in item.photos.items():
            _write_bytes(folder.joinpath("images", partition, *name[:4], name), data)
        photos += len(item.photos)
        item.photos.clear()
        # A duplicate comes after what it repeats; all else lies in the order of its hash.
        rows.append((item.layer1.get("id", hexadecimal(seed, "recipe", number)), number, item))
    ordered = [item for _, _, item in sorted(rows, key=lambda row: row[:2])]
    return {name: _rows(ordered, name) for name in ("layer1", "layer2", "det_ingrs")}, photos


def _rows(records: list[Record], layer: str) -> list[Any]:
    return [row for row in (getattr(record, layer) for record in records) if row]


def _write_labelled(
    folder: Path,
    labelled: tuple[int, int],
    make: Callable[[tuple[int, int]], tuple[str, bytes]],
    mapped: Callable[..., Iterator[Any]],
) -> int:
    names = [dish.name.replace(" ", "_") for dish in DISHES]
    order = sorted(range(len(names)), key=names.__getitem__)
    tasks = [(label, number) for label in order for number in range(sum(labelled))]
    lists: dict[str, list[str]] = {"train": [], "test": []}
    for (label, number), (id_, data) in zip(tasks, mapped(make, tasks, "labelled photos"), strict=True):
        _write_bytes(folder / "images" / names[label] / f"{id_}.jpg", data)
        lists["train" if number < labelled[0] else "test"].append(f"{names[label]}/{id_}")
    lists["classes"] = [names[label] for label in order]
    lists["labels"] = [DISHES[label].name.capitalize() for label in order]
    for name, lines in lists.items():
        _write_bytes(folder / "meta" / f"{name}.txt", "".join(f"{line}\n" for line in lines).encode())
    return len(tasks)


def _write_layer(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    text = ",\n".join(json.dumps(row) for row in rows)
    path.write_text(f"[\n{text}\n]\n", encoding="utf-8")


def _write_bytes(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
