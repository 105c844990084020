"""Writes a recipe's instructions: the plan's steps in order, each as one of its sentences."""

import re
from functools import cache

import numpy as np

from seje.kitchen.chance import pick
from seje.kitchen.cuts import CUTS
from seje.kitchen.lines import Line, spelling
from seje.kitchen.recipes import Part, Recipe
from seje.kitchen.steps import COOK, PLANS, STEPS, UTENSILS

MOST = 9
_ON_TOP = {"drizzled", "dolloped", "dusted"}
_TAILS = ("", "", " on a cutting board", " with a sharp knife", " and set aside")
_SLOT = re.compile(r"\{(\w+)\}")
_FATS = {"olive oil", "vegetable oil", "butter"}
_LIQUIDS = {"canned tomatoes", "tomato sauce", "greek yogurt"}
_CREAMS = {"heavy cream", "coconut milk", "greek yogurt", "sour cream"}
_FLAT = ("plate", "board", "tray")
_MINUTES = ("2", "3", "4", "5", "6", "8", "10")
_LONG = ("15", "20", "25", "30", "35 to 40", "45", "20-25")
_TEMPERATURES = ("350 degrees F", "375\u00b0F", "400 degrees F", "425F", "180 C", "200\u00b0C", "220 C")


def instructions(recipe: Recipe, lines: list[Line], rng: np.random.Generator) -> list[str]:
    """Write three to nine sentences; what the lines leave unsaid about cutting is said here."""
    slots = _slots(recipe, rng)
    unsaid = [part for part, line in zip(recipe.parts, lines, strict=True) if not line.cut]
    sentences = []
    for step in PLANS[recipe.dish.plan].split():
        name, optional = step.rstrip("?"), step.endswith("?")
        if optional and rng.random() < 0.5:
            continue
        if name == "prep":
            sentence = _prep(recipe, unsaid, rng)
        elif name == "first":
            sentence = _precook(recipe, slots, rng)
        else:
            sentence = _fill(COOK[recipe.cooking] if name == "cook" else STEPS[name], slots, rng)
        if sentence:
            sentences.append((optional, sentence))
    return [sentence for _, sentence in _shorten(sentences)]


def _shorten(sentences: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    while len(sentences) > MOST:
        optional = [i for i, (free, _) in enumerate(sentences) if free]
        # Neighbours are joined where nothing may be left out, as cooks do who write long steps.
        if optional:
            del sentences[optional[-1]]
        else:
            sentences[1:3] = [(False, f"{sentences[1][1]} {sentences[2][1]}")]
    return sentences


def _slots(recipe: Recipe, rng: np.random.Generator) -> dict[str, str]:
    seasoning = [part.ingredient.name for part in recipe.seasoning]
    fat = [name for name in seasoning if name in _FATS]
    liquid = [p.ingredient.name for p in recipe.seasoning if _is_liquid(p)]
    if _is_liquid(recipe.ground):
        liquid.insert(0, recipe.ground.ingredient.name)
    other = [name for name in seasoning if name not in fat and name not in liquid and "rice" not in name]
    grain = [name for name in seasoning if name.endswith("rice")] or [recipe.ground.ingredient.name]
    slots = {kind: pick(tools, rng) for kind, tools in UTENSILS.items()}
    slots |= {
        "ground": spelling(recipe.ground),
        "mains": _names(recipe.mains, rng),
        "lead": _names(recipe.mains[:1], rng),
        "rest": _names(recipe.mains[1:], rng),
        "fat": " and ".join(fat),
        "liquid": " and ".join(liquid),
        "cream": " and ".join(name for name in liquid if name in _CREAMS),
        "grain": grain[0],
        "flavour": _join(other),
        "garnish": _names(recipe.garnish, rng),
        "minutes": pick(_MINUTES, rng),
        "long": pick(_LONG, rng),
        "temp": pick(_TEMPERATURES, rng),
    }
    return slots | _vessel(recipe.vessel)


def _vessel(name: str) -> dict[str, str]:
    place = "on" if name.endswith(_FLAT) else "in"
    return {"vessel": name, "in_vessel": f"{place} a {name}", "into_vessel": f"{place}to a {name}"}


def _is_liquid(part: Part) -> bool:
    return part.ingredient.measure == "liquid" or part.ingredient.name in _LIQUIDS


def _precook(recipe: Recipe, slots: dict[str, str], rng: np.random.Generator) -> str:
    other = [part for part in recipe.mains if part.cooking != recipe.cooking]
    if not other:
        return ""
    names = _join([spelling(part) for part in other])
    return _fill(COOK[other[0].cooking], slots | {"mains": names}, rng)


def _fill(options: tuple[str, ...], slots: dict[str, str], rng: np.random.Generator) -> str:
    possible = [option for option in options if all(slots[slot] for slot in _slots_of(option))]
    if not possible:
        return ""
    return pick(possible, rng).format_map(slots)


@cache
def _slots_of(sentence: str) -> list[str]:
    return _SLOT.findall(sentence)


def _prep(recipe: Recipe, unsaid: list[Part], rng: np.random.Generator) -> str:
    silent = [part for part in unsaid if CUTS[part.cut].participle and part.cut not in _ON_TOP]
    spoken = [part for part in recipe.mains if CUTS[part.cut].participle and rng.random() < 0.3]
    verbs: dict[str, list[str]] = {}
    for part in recipe.parts:
        if part in silent or part in spoken:
            verbs.setdefault(CUTS[part.cut].verb, []).append(_short(part, rng))
    text = _join([f"{verb} the {_join(names)}" for verb, names in verbs.items()])
    if not text:
        return f"Rinse the {_names(recipe.mains, rng)}."
    return f"{text[0].upper()}{text[1:]}{pick(_TAILS, rng)}."


def _names(parts: tuple[Part, ...], rng: np.random.Generator) -> str:
    return _join([_short(part, rng) for part in parts])


def _short(part: Part, rng: np.random.Generator) -> str:
    name = spelling(part)
    return name.split()[-1] if rng.random() < 0.4 else name


def _join(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
