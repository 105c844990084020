"""One record from its seed and number: text, photos and ids. Which process makes it does not matter."""

import hashlib

import numpy as np

from seje.data.kitchen.broken import DUPLICATE, KINDS, Json, Record
from seje.data.kitchen.dishes import DISHES
from seje.data.kitchen.instructions import instructions
from seje.data.kitchen.lines import Line, ingredient_line, title
from seje.data.kitchen.photo import photo
from seje.data.kitchen.recipes import Recipe, draw_dish, draw_recipe

_RECIPE, _PHOTO, _LABELLED = 0, 1, 2  # streams of random numbers
_PARTITIONS = {"train": 0.7, "val": 0.15, "test": 0.15}
_INVALID = 0.06
_URL = "http://example.org"


def record(seed: int, number: int, pixels: int, kind: str = "") -> Record:
    """Make recipe `number` with its photos, broken in that kind's manner if one is given."""
    rng = np.random.default_rng([seed, _RECIPE, number])
    recipe = draw_recipe(draw_dish(rng), rng)
    made = Record(*_layers(recipe, seed, number, rng))
    for k, image in enumerate(made.layer2["images"]):
        made.photos[image["id"]] = photo(recipe, pixels, np.random.default_rng([seed, _PHOTO, number, k]))
    if kind == DUPLICATE:
        # In layer1 alone: who joins the layers in another order must not give recipe 0 another's photo.
        return Record({**made.layer1, "id": hexadecimal(seed, "recipe", 0)}, {}, {})
    if kind:
        KINDS[kind](made)
    return made


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
    lines = [ingredient_line(part, rng) for part in recipe.parts]
    layer1 = {
        "id": id_,
        "url": f"{_URL}/recipes/{id_}.html",
        "partition": str(rng.choice(list(_PARTITIONS), p=list(_PARTITIONS.values()))),
        "title": title(recipe, rng),
        "ingredients": [{"text": line.text} for line in lines],
        "instructions": [{"text": text} for text in instructions(recipe, lines, rng)],
    }
    count = int(rng.choice([1, 2, 3], p=[0.45, 0.35, 0.2]))
    ids = [hexadecimal(seed, "photo", number, k) for k in range(count)]
    images = [{"id": f"{photo_id}.jpg", "url": f"{_URL}/photos/{photo_id}.jpg"} for photo_id in ids]
    return layer1, {"id": id_, "images": images}, {"id": id_, **_entities(lines, rng)}


def _entities(lines: list[Line], rng: np.random.Generator) -> Json:
    valid = [bool(rng.random() >= _INVALID) for _ in lines]
    texts = [line.entity if good else line.text for line, good in zip(lines, valid, strict=True)]
    return {"valid": valid, "ingredients": [{"text": text} for text in texts]}
