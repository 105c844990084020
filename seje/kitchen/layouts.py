"""Where the pieces lie: on the unit disc first, then on what the dish leaves free for them."""

import numpy as np

from seje.kitchen.canvas import Array
from seje.kitchen.cuts import CUTS, size
from seje.kitchen.recipes import Part, Recipe

# Pieces per usual amount, relative to a mixed soup.
_DENSITY = {"bare": 1.8, "skewers": 1.0, "greens": 1.0, "tacos": 1.3, "toast": 0.9, "pancakes": 0.9}
_ROWS = (-0.5, 0.0, 0.5)


def places(recipe: Recipe, rng: np.random.Generator) -> list[Array]:
    """Place the pieces of each main ingredient: one array [N, 2] for each."""
    layout, base = recipe.dish.layout, recipe.dish.base
    density = _DENSITY.get(base, 1.0) * (0.7 if layout == "top" else 1.0)
    counts = [max(2, round(CUTS[part.cut].pieces * part.amount * density)) for part in recipe.mains]
    if layout == "sectors":
        found = _sectors(counts, rng)
    elif layout == "rings":
        return _rings(recipe.mains, rng)
    elif layout == "rows":
        return _rows(recipe.mains, rng)
    else:
        found = _mixed(counts, 0.75 if layout == "top" else 0.9, rng)
    return [_fit(base, points, rng) for points in found]


def scattered(count: int, base: str, rng: np.random.Generator) -> Array:
    """Place a garnish: [count, 2], loosely about one spot."""
    spot = rng.uniform(-0.35, 0.35, size=2)
    points = np.clip(spot + rng.normal(0, 0.3, size=(count, 2)), -0.65, 0.65)
    return _fit(base, points, rng)


def sunflower(count: int, radius: float, rng: np.random.Generator) -> Array:
    """Spread points evenly over a disc [count, 2], in random order."""
    order = rng.permutation(count)
    angle = order * 2.399963 + rng.uniform(0, 2 * np.pi)
    distance = radius * np.sqrt((order + 0.5) / count)
    points = np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=1)
    return np.asarray(points + rng.normal(0, 0.3 * radius / np.sqrt(count), size=(count, 2)))


def _mixed(counts: list[int], radius: float, rng: np.random.Generator) -> list[Array]:
    return np.split(sunflower(sum(counts), radius, rng), np.cumsum(counts)[:-1])


def _sectors(counts: list[int], rng: np.random.Generator) -> list[Array]:
    order = rng.permutation(len(counts))
    start, width = rng.uniform(0, 2 * np.pi), 2 * np.pi / len(counts)
    found = []
    for count, place in zip(counts, order, strict=True):
        angle = start + width * (place + rng.uniform(0.12, 0.88, size=count))
        distance = 0.86 * np.sqrt(rng.uniform(0.06, 1, size=count))
        found.append(np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=1))
    return found


def _rings(parts: tuple[Part, ...], rng: np.random.Generator) -> list[Array]:
    found: list[list[Array]] = [[] for _ in parts]
    radius, ring, first = 0.78, 0, int(rng.integers(len(parts)))
    while radius > 0.03:
        which = (first + ring) % len(parts)
        half = max(size(parts[which].cut, parts[which].ingredient.form), 0.08)
        count = max(1, int(2 * np.pi * radius / (2.1 * half)))
        angle = np.arange(count) * 2 * np.pi / count + rng.uniform(0, 2 * np.pi)
        points = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        found[which].append(points + rng.normal(0, 0.015, size=(count, 2)))
        radius, ring = radius - max(1.9 * half, 0.8 / max(2, len(parts))), ring + 1
    return [np.concatenate(rings) if rings else sunflower(6, 0.3, rng) for rings in found]


def _rows(parts: tuple[Part, ...], rng: np.random.Generator) -> list[Array]:
    found: list[list[Array]] = [[] for _ in parts]
    for row in _ROWS:
        along = np.arange(-0.8, 0.81, 0.17) + rng.normal(0, 0.02)
        first = int(rng.integers(len(parts)))
        for i, x in enumerate(along):
            found[(first + i) % len(parts)].append(np.array([[x, row]]) + rng.normal(0, 0.05, size=(4, 2)))
    return [np.concatenate(spots) for spots in found]


def _fit(base: str, points: Array, rng: np.random.Generator) -> Array:
    if base == "curry":
        return points * (0.6, 0.85) + (0.32, 0.0)
    if base == "omelette":
        return np.stack([points[:, 0] * 0.82, np.abs(points[:, 1]) * 0.7 - 0.3], axis=1)
    if base == "tacos":
        lane = rng.choice(_ROWS, size=len(points))
        return np.stack([points[:, 0] * 0.62, points[:, 1] * 0.13 + lane * 1.15], axis=1)
    if base == "toast":
        points = points * (0.36, 0.52)
        points[:, 0] += rng.choice([-0.47, 0.47], size=len(points))
    return points
