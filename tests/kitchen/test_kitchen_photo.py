import io

import numpy as np
from PIL import Image

from seje.kitchen.cuts import COOKING
from seje.kitchen.dishes import DISHES
from seje.kitchen.ingredients import INGREDIENTS
from seje.kitchen.photo import photo
from seje.kitchen.recipes import Part, draw_recipe
from seje.kitchen.setting import VESSELS

SALAD = next(dish for dish in DISHES if dish.name == "fruit salad")


def shot(recipe, number=0, pixels=64):
    data = photo(recipe, pixels, np.random.default_rng([1, number]))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=float)


def salad(*mains, vessel="white bowl"):
    parts = tuple(Part(INGREDIENTS[name], cut, cooking, 1.0) for name, cut, cooking in mains)
    return draw_recipe(SALAD, np.random.default_rng(0))._replace(mains=parts, garnish=(), vessel=vessel)


BANANA = salad(("banana", "sliced", "raw"))


def test_same_rng_same_bytes():
    shots = [photo(BANANA, 64, np.random.default_rng(4)) for _ in range(2)]
    assert shots[0] == shots[1] != photo(BANANA, 64, np.random.default_rng(5))


def test_photo_is_a_jpeg_of_the_asked_size_without_metadata():
    image = Image.open(io.BytesIO(photo(BANANA, 48, np.random.default_rng(4))))
    assert (image.format, image.size, image.mode) == ("JPEG", (48, 48), "RGB")
    assert not image.getexif()


def test_another_ingredient_is_another_colour():
    kiwi = salad(("kiwi", "sliced", "raw"))
    difference = np.mean(
        [shot(kiwi, i)[16:48, 16:48] - shot(BANANA, i)[16:48, 16:48] for i in range(8)], axis=(0, 1, 2)
    )
    assert difference[0] < -5 and difference[2] < -5


def test_ingredient_shows_more_than_the_shot():
    cherry = salad(("cherry", "whole", "raw"))
    shots = {
        name: [shot(recipe, i).mean(axis=(0, 1)) for i in range(8)]
        for name, recipe in (("banana", BANANA), ("cherry", cherry))
    }
    hue = {name: [colour[0] - colour[1] for colour in colours] for name, colours in shots.items()}
    assert np.mean(hue["cherry"]) > np.mean(hue["banana"])


def test_cut_cooking_and_vessel_show():
    for other in (
        salad(("banana", "whole", "raw")),
        salad(("banana", "sliced", "grilled")),
        salad(("banana", "sliced", "raw"), vessel="blue bowl"),
    ):
        assert np.abs(shot(other) - shot(BANANA)).mean() > 1


def test_roasting_darkens():
    carrot = [salad(("carrot", "diced", cooking)) for cooking in ("raw", "roasted")]
    raw, roasted = (np.mean([shot(recipe, i)[20:44, 20:44] for i in range(6)]) for recipe in carrot)
    assert roasted < raw - 5


def test_broth_of_a_noodle_soup_has_the_colour_of_its_seasoning():
    dish = next(dish for dish in DISHES if dish.name == "noodle soup")
    soup = draw_recipe(dish, np.random.default_rng(1))._replace(garnish=(), vessel="white bowl")

    def seasoned(*names):
        parts = tuple(Part(INGREDIENTS[name], "whole", "raw", 1.0) for name in names)
        return np.mean([shot(soup._replace(seasoning=parts), i)[16:48, 16:48] for i in range(4)])

    chicken, beef = seasoned("chicken broth"), seasoned("beef broth")
    assert beef < chicken - 5
    assert seasoned("chicken broth", "soy sauce") < chicken - 2


def test_every_dish_vessel_and_cooking_can_be_drawn():
    rng = np.random.default_rng(2)
    for dish in DISHES:
        for vessel in dish.vessels.split(", "):
            shot(draw_recipe(dish, rng)._replace(vessel=vessel), pixels=32)
    for vessel in VESSELS:
        shot(salad(("carrot", "diced", "raw"), vessel=vessel), pixels=32)
    for cooking in COOKING:
        shot(salad(("carrot", "diced", cooking)), pixels=32)


def test_every_ingredient_and_cut_can_be_drawn():
    for ingredient in INGREDIENTS.values():
        for cut in ingredient.cuts:
            part = Part(ingredient, cut, "raw", 1.0)
            shot(BANANA._replace(garnish=(part,)), pixels=32)
