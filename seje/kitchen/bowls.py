"""Bases that are poured, ladled or tossed: broth, rice, noodles, leaves and so on, one function each."""

from collections.abc import Callable

import numpy as np

from seje.kitchen.canvas import Array, Canvas, circle, rgb, shades
from seje.kitchen.layouts import sunflower
from seje.kitchen.textures import chunks, fill


def _broth(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room, colours[0], rng)
    for place in sunflower(14, 0.85, rng):
        canvas.polygon(circle(10) * rng.uniform(0.02, 0.06) + place, colours[1] * 1.08, 130)


def _porridge(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room, colours[0] * 0.92, rng)
    dots = sunflower(170, 0.92, rng)[:, None] + circle(6) * 0.034
    canvas.polygons(dots, shades(colours[1], len(dots), 0.09, rng))


def _cream(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room, colours[1], rng)
    for radius in (0.75, 0.5, 0.25):
        canvas.line(circle(30)[: int(rng.integers(15, 30))] * radius, colours[1] * 0.92, 0.03)


def _grains(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room * 0.96, colours[0] * 0.85, rng)
    angle = rng.uniform(0, np.pi, size=230)
    half = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 0.042
    middle = sunflower(230, 0.92, rng)
    strokes = np.stack([middle - half, middle + half], axis=1)
    canvas.lines(strokes, shades(colours[1], 230, 0.07, rng), 0.034)


def _noodles(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room * 0.9, colours[0] * 0.72, rng)
    _strands(canvas, colours, 46, rng)


def _noodlebroth(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    broth, noodles = colours
    _broth(canvas, room, np.stack([broth, broth * 1.15]), rng)
    _strands(canvas, np.stack([noodles * 0.9, noodles]), 24, rng)


def _strands(canvas: Canvas, colours: Array, count: int, rng: np.random.Generator) -> None:
    start = rng.uniform(0, 2 * np.pi, size=(count, 1))
    bend = np.linspace(0, 1, 7) * rng.uniform(1.2, 3.0, size=(count, 1)) + start
    radius = rng.uniform(0.2, 0.55, size=(count, 1))
    strokes = np.stack([radius * np.cos(bend), radius * np.sin(bend)], axis=2)
    strokes = strokes + sunflower(count, 0.45, rng)[:, None]
    canvas.lines(strokes + 0.018, shades(colours[0] * 0.62, count, 0.05, rng), 0.05)
    canvas.lines(strokes, shades(colours[1], count, 0.06, rng), 0.045)


def _shapes(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    chunks(canvas, colours, 52, (0.17, 0.055), rng)


def _greens(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    for place, tone in zip(sunflower(38, 0.82, rng), rng.random(38), strict=True):
        leaf = circle(14, 0.14, int(rng.integers(3, 6))) * (0.24, 0.15)
        angle = rng.uniform(0, 6.28)
        leaf = leaf @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        canvas.polygon(leaf + place + 0.02, colours[0] * 0.6)
        canvas.polygon(leaf + place, colours[0] * (1 - tone) + colours[1] * tone)


def _bare(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    pass


def _potatoes(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    canvas.polygon(circle(24, 0.05) * 0.84, rgb("efe4c0"))
    chunks(canvas, np.array([rgb("cdb678"), rgb("f2e4ae")]), 40, (0.12, 0.11), rng)


def _curry(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room * 0.95, colours[0], rng)
    middle = sunflower(110, 0.42, rng) * (0.9, 1.5) + (-0.55, 0.0)
    canvas.polygon(circle(20, 0.05) * (0.38, 0.66) + (-0.55, 0.0), colours[1] * 0.85)
    grains = middle[:, None] + circle(6) * (0.05, 0.026)
    canvas.polygons(grains, shades(colours[1], len(grains), 0.05, rng))


BOWLS: dict[str, Callable[[Canvas, Array, Array, np.random.Generator], None]] = {
    "broth": _broth,
    "porridge": _porridge,
    "cream": _cream,
    "grains": _grains,
    "noodles": _noodles,
    "noodlebroth": _noodlebroth,
    "shapes": _shapes,
    "greens": _greens,
    "bare": _bare,
    "potatoes": _potatoes,
    "curry": _curry,
}
