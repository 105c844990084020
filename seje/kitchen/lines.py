"""Titles and ingredient lines, as people write them."""

from typing import NamedTuple

import numpy as np

from seje.kitchen.chance import between, pick, sample
from seje.kitchen.cuts import CUTS
from seje.kitchen.recipes import Part, Recipe

# Amounts by measure, from little to much; {} is a number.
_AMOUNTS = {
    "piece": ("1 small", "1", "1 large", "2", "2 medium", "2 large", "3", "3-4"),
    "piece=": ("1", "1", "1 ready-made", "2"),
    "cup": ("1/4 cup", "1/3 cup", "1/2 cup", "3/4 cup", "1 cup", "150 g", "1 1/2 cups", "2 cups", "250 g"),
    "spoon": ("1 teaspoon", "1 tablespoon", "1 Tbsp", "2 tablespoons", "2 Tbsp", "3 tbsp.", "1/4 cup"),
    "tsp": ("1/4 teaspoon", "1/2 tsp", "1/2 teaspoon", "1 teaspoon", "1 tsp.", "2 teaspoons"),
    "pinch": ("a pinch of", "1 pinch", "1/4 teaspoon", "1/2 tsp", "1 teaspoon"),
    "sprig": ("2 sprigs", "3 sprigs", "1 tablespoon", "2 Tbsp", "1 small bunch", "1/4 cup", "a handful of"),
    "pound": ("1/2 pound", "1/2 lb", "300 g", "3/4 pound", "1 lb", "1 pound", "500 g", "1 1/2 pounds"),
    "ounce": ("2 ounces", "3 oz", "100 g", "4 ounces", "6 oz", "6 ounces", "200 g", "8 ounces"),
    "can": ("1/2 can", "1 (8 ounce) can", "1 can", "1 (15 ounce) can", "1 (14.5 oz) can", "2 cans"),
    "liquid": ("1/2 cup", "3/4 cup", "1 cup", "250 ml", "1 1/2 cups", "2 cups", "500 ml", "3 cups"),
    "stalk": ("1", "2", "2-3", "3", "4"),
    "clove": ("1 clove", "2 cloves", "2 cloves", "3 cloves", "4 large cloves"),
    "knob": ("1 small knob of", "1 inch", "1 (1 inch) piece", "1 tablespoon", "2 tablespoons"),
    "head": ("1/2 small head", "1 cup", "1/2 head", "1 small head", "2 cups", "1 head"),
    "bulb": ("1/2 bulb", "1 small bulb", "1 bulb", "2 bulbs"),
    "handful": ("1 cup", "1 handful", "2 cups", "2 handfuls", "4 cups", "1 (5 ounce) bag"),
    "bunch": ("1/2 bunch", "1 small bunch", "1 bunch", "1 large bunch"),
    "block": ("1/2 block", "200 g", "1 (14 ounce) block", "1 block"),
    "strip": ("3 strips", "4 slices", "6 strips", "8 slices"),
    "slice": ("2 slices", "4 slices", "4 thick slices", "6 slices"),
    "pack": ("4", "6", "6 small", "8", "12 small"),
    "sheet": ("1 sheet", "1 sheet", "2 sheets"),
}
_ADJECTIVES = ("fresh", "organic", "good", "nice", "locally grown")
_FRESH = {"piece", "cup+", "handful", "bunch", "bulb", "head", "stalk", "pound", "pound+", "sprig"}
_TO_TASTE = {"pinch", "tsp", "spoon"}
_PREPARED = ("rinsed", "washed", "trimmed", "cleaned", "or more to taste")
_NOTES = ("optional", "or whatever you have", "see note", "about 200 g", "for serving", "divided")
_FRACTIONS = {"1/2": "\u00bd", "1/4": "\u00bc", "3/4": "\u00be", "1/3": "\u2153"}
_PRAISE = ("Easy", "Best", "Quick", "Grandma's", "My Favorite", "Simple", "Homemade", "Hearty", "Mom's")
_ENDINGS = ("for Two", "for a Crowd", "II", "(Vegetarian)", "My Way", "in 30 Minutes", "Recipe")


class Line(NamedTuple):
    """An ingredient line, the ingredient's name, whether it says how to cut, whether a tagger reads it."""

    text: str
    entity: str
    cut: bool
    valid: bool = True


def plural(name: str) -> str:
    """Form the plural of an ingredient's name."""
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    if name.endswith(("ato", "ch", "sh")):
        return name + "es"
    return name if name.endswith("s") else name + "s"


def spelling(part: Part) -> str:
    """Name the ingredient, in the plural where there are several."""
    name, measure = part.ingredient.name, part.ingredient.measure
    if measure in {"piece", "stalk"}:
        return plural(name) if _step(part) >= _first_several(measure) else name
    return plural(name) if measure.endswith("+") else name


def ingredient_line(part: Part, rng: np.random.Generator) -> Line:
    """Write one line: amount, unit, adjective, name, cut or another remark, in a person's manner."""
    name, cut = spelling(part), CUTS[part.cut].participle
    if rng.random() < 0.05 and not cut:
        return Line(name + (" to taste" if part.ingredient.measure in _TO_TASTE else ""), name, False)
    quantity = amount(part, rng)
    says = bool(cut) and rng.random() < 0.65
    before = says and " " not in cut and cut != name.split()[0] and rng.random() < 0.3
    fresh = part.ingredient.measure in _FRESH and not before
    words = f"{pick(_ADJECTIVES, rng)} " if fresh and rng.random() < 0.15 else ""
    after = f", {cut}" if says and not before else ""
    if not says and fresh and rng.random() < 0.12:
        after = f", {pick(_PREPARED, rng)}"
    body = f"{cut} {name}" if before else f"{words}{name}"
    note = f" ({pick(_NOTES, rng)})" if rng.random() < 0.08 else ""
    if rng.random() < 0.04:
        return Line(f"{name} - {quantity}{after}{note}", name, says and not before)
    return Line(f"{quantity} {body}{note}{after}", name, says)


def title(recipe: Recipe, rng: np.random.Generator) -> str:
    """Name the recipe: always the dish, often praise or one or two of the ingredients."""
    dish = recipe.dish.name.title()
    names = [spelling(part).title() for part in recipe.mains]
    picked = sample(names, between(1, 2, rng), rng)
    kind = rng.random()
    if kind < 0.25:
        text = f"{' and '.join(picked)} {dish}"
    elif kind < 0.55:
        text = f"{dish} {'With' if rng.random() < 0.3 else 'with'} {' and '.join(picked)}"
    else:
        text = dish
    if rng.random() < 0.35:
        text = f"{pick(_PRAISE, rng)} {text}"
    if rng.random() < 0.12:
        text = f"{text} {pick(_ENDINGS, rng)}"
    return text.upper() if rng.random() < 0.02 else text


def amount(part: Part, rng: np.random.Generator) -> str:
    """Write quantity and unit, the fraction as one sign now and then."""
    amounts = _AMOUNTS[_key(part)]
    text = amounts[_step(part)]
    if rng.random() < 0.15:
        for plain, sign in _FRACTIONS.items():
            text = text.replace(plain, sign)
    return text


def _key(part: Part) -> str:
    measure = part.ingredient.measure
    return measure if measure in _AMOUNTS else measure.rstrip("+")


def _step(part: Part) -> int:
    return min(int((part.amount - 0.6) / 0.9 * len(_AMOUNTS[_key(part)])), len(_AMOUNTS[_key(part)]) - 1)


def _first_several(measure: str) -> int:
    return next(i for i, amount in enumerate(_AMOUNTS[measure]) if not amount.startswith("1"))
