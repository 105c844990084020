"""Draws one recipe: which ingredients, how cut and cooked, in what vessel. Text and photo both follow it."""

from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from seje.kitchen.chance import between, pick, sample
from seje.kitchen.dishes import DISHES, Dish, draws
from seje.kitchen.ingredients import INGREDIENTS, Ingredient
from seje.kitchen.pools import POOLS


class Part(NamedTuple):
    """One visible ingredient; `amount` 1 is usual."""

    ingredient: Ingredient
    cut: str
    cooking: str
    amount: float


class Recipe(NamedTuple):
    """What text and photo of one recipe have in common."""

    dish: Dish
    ground: Part
    mains: tuple[Part, ...]
    garnish: tuple[Part, ...]
    seasoning: tuple[Part, ...]
    cooking: str
    vessel: str

    @property
    def parts(self) -> tuple[Part, ...]:
        """All ingredients, in the order in which the recipe lists them."""
        return (self.ground, *self.mains, *self.seasoning, *self.garnish)


_RAW_MEAT = set(f"{POOLS['proteins']}, {POOLS['cured']}, {POOLS['seafood']}".split(", ")) - {
    "tofu",
    "egg",
    "ham",
    "smoked salmon",
}
_RAW_ROOTS = set("potato, sweet potato, eggplant, pumpkin, butternut squash, turnip".split(", "))
_UP_TO = list(accumulate(dish.weight for dish in DISHES))


def draw_dish(rng: np.random.Generator) -> Dish:
    """Draw a dish, frequent ones more often."""
    return DISHES[bisect_right(_UP_TO, rng.random() * _UP_TO[-1], hi=len(DISHES) - 1)]


def draw_recipe(dish: Dish, rng: np.random.Generator) -> Recipe:
    """Draw a recipe of a dish; no ingredient comes twice."""
    taken: set[str] = set()
    cooking = pick(dish.cooking.split(", "), rng)
    ground = _draw_parts(dish.ground, "raw", taken, rng)[0]._replace(cut="whole")
    mains = _draw_parts(dish.mains, cooking, taken, rng)
    garnish = _draw_parts(dish.garnish, "raw", taken, rng)
    seasoning = _draw_parts(dish.seasoning, "raw", taken, rng)
    # Eggs that are beaten into something are not cut.
    seasoning = tuple(p._replace(cut="whole") if p.ingredient.name == "egg" else p for p in seasoning)
    return Recipe(dish, ground, mains, garnish, seasoning, cooking, pick(dish.vessels.split(", "), rng))


def _draw_parts(field: str, cooking: str, taken: set[str], rng: np.random.Generator) -> tuple[Part, ...]:
    found = []
    for names, fewest, most in draws(field):
        free = [name for name in names if name not in taken]
        for name in sample(free, between(fewest, most, rng), rng):
            taken.add(name)
            found.append(_prepare(INGREDIENTS[name], cooking, rng))
    return tuple(found)


def _prepare(ingredient: Ingredient, cooking: str, rng: np.random.Generator) -> Part:
    # Nobody serves raw chicken or raw potatoes in a salad.
    if cooking == "raw" and ingredient.name in _RAW_MEAT:
        cooking = "fried"
    elif cooking == "raw" and ingredient.name in _RAW_ROOTS:
        cooking = "boiled"
    cut = pick(ingredient.cuts, rng)
    return Part(ingredient, cut, cooking, 0.6 + 0.9 * rng.random())
