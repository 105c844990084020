"""One record from its seed and number: text, photos and ids. Which process makes it does not matter."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

import numpy as np

from seje.kitchen.broken import DUPLICATE, KINDS, Json, Record
from seje.kitchen.dishes import DISHES
from seje.kitchen.instructions import instructions
from seje.kitchen.lines import Line, title
from seje.kitchen.photo import photo
from seje.kitchen.recipes import Recipe, draw_dish, draw_recipe
from seje.kitchen.unusual import ingredient_lines, with_heading

T = TypeVar("T")

_RECIPE, _PHOTO, _LABELLED, _ORDER = 0, 1, 2, 3  # streams of random numbers
_PARTITIONS = {"train": 0.7, "val": 0.15, "test": 0.15}
_PHOTOS = {1: 0.45, 2: 0.35, 3: 0.2}  # how many a recipe has, and how likely
_URL = "http://example.org"


def record(seed: int, number: int, pixels: int | None, kind: str = "") -> Record:
    """Make recipe `number`, broken in that kind's manner if one is given.

    Its photos have `pixels` on each side; None: it has none. Its text is the same either way.
    """
    rng = np.random.default_rng([seed, _RECIPE, number])
    recipe = draw_recipe(draw_dish(rng), rng)
    made = Record(*_layers(recipe, seed, number, rng))
    if pixels is None:
        made.layer2 = {}
    else:
        for k, image in enumerate(made.layer2["images"]):
            made.photos[image["id"]] = photo(recipe, pixels, np.random.default_rng([seed, _PHOTO, number, k]))
    if kind == DUPLICATE:
        # In layer1 alone: who joins the layers in another order must not give recipe 0 another's photo.
        return Record({**made.layer1, "id": hexadecimal(seed, "recipe", 0)}, {}, {})
    if kind:
        KINDS[kind](made)
    return made


def order(seed: int, recipes: int, broken: int, kinds: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield number and kind ("": good) of all records: one broken one in each stretch of good ones.

    Good records have the numbers from 0, broken ones from `recipes`; record 0 always comes first.
    """
    rng = np.random.default_rng([seed, _ORDER])
    done = 0
    for k in range(broken):
        place = int(rng.integers(k * recipes // broken, (k + 1) * recipes // broken)) + 1
        yield from ((number, "") for number in range(done, place))
        yield recipes + k, kinds[k % len(kinds)]
        done = place
    yield from ((number, "") for number in range(done, recipes))


def leaks(recipes: int, broken: int, kinds: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """Yield number, kind and the number of its original of every leak: one for each ten broken records."""
    count = broken // 10
    for k in range(count):
        yield recipes + broken + k, kinds[k % len(kinds)], (2 * k + 1) * recipes // (2 * count)


def labelled_photo(seed: int, label: int, number: int, pixels: int) -> tuple[str, bytes]:
    """Make photo `number` of dish `label`, of a recipe that is nowhere else: its id and JPEG bytes."""
    rng = np.random.default_rng([seed, _LABELLED, label, number])
    recipe = draw_recipe(DISHES[label], rng)
    return str(int(hexadecimal(seed, "labelled", label, number), 16)), photo(recipe, pixels, rng)


def hexadecimal(seed: int, *name: str | int) -> str:
    """Hash seed and name to an id of 10 hex digits."""
    return hashlib.sha256("/".join(map(str, (seed, *name))).encode()).hexdigest()[:10]


def _layers(recipe: Recipe, seed: int, number: int, rng: np.random.Generator) -> tuple[Json, Json, Json]:
    id_ = hexadecimal(seed, "recipe", number)
    lines = ingredient_lines(recipe.parts, rng)
    listed = with_heading(lines, rng)
    layer1 = {
        "id": id_,
        "url": f"{_URL}/recipes/{id_}.html",
        "partition": _weighted(_PARTITIONS, rng),
        "title": title(recipe, rng),
        "ingredients": [{"text": line.text} for line in listed],
        "instructions": [{"text": text} for text in instructions(recipe, lines, rng)],
    }
    ids = [hexadecimal(seed, "photo", number, k) for k in range(_weighted(_PHOTOS, rng))]
    images = [{"id": f"{photo_id}.jpg", "url": f"{_URL}/photos/{photo_id}.jpg"} for photo_id in ids]
    return layer1, {"id": id_, "images": images}, {"id": id_, **_entities(listed)}


def _weighted(shares: dict[T, float], rng: np.random.Generator) -> T:
    return list(shares)[bisect_right(list(accumulate(shares.values())), rng.random(), hi=len(shares) - 1)]


def _entities(lines: list[Line]) -> Json:
    texts = [line.entity if line.valid else line.text for line in lines]
    return {"valid": [line.valid for line in lines], "ingredients": [{"text": text} for text in texts]}
