"""Bases from oven, griddle and grill: pastry, cake, toast and so on, one function each; and covers."""

from collections.abc import Callable

import numpy as np

from seje.kitchen.canvas import Array, Canvas, circle, rgb, shades, square
from seje.kitchen.layouts import sunflower
from seje.kitchen.textures import chunks, fill

_CRUST = rgb("c98a45")
_GOLD = rgb("d9a24e")


def draw_cover(canvas: Canvas, kind: str, rng: np.random.Generator) -> None:
    """Draw what lies over the pieces: a lattice, or a lid that is partly cut away."""
    crust = shades(_CRUST, 1, 0.08, rng)[0]
    if kind == "lattice":
        for edge in np.arange(-0.7, 0.8, 0.34):
            half = float(np.sqrt(max(0.0, 0.92 - edge**2)))
            for strip in (np.array([[-half, edge], [half, edge]]), np.array([[edge, -half], [edge, half]])):
                canvas.line(strip + 0.015, crust * 0.6, 0.12)
                canvas.line(strip, crust, 0.1)
                canvas.line(strip - 0.015, _GOLD, 0.03)
    elif kind == "lid":
        start, span = rng.uniform(0, 6.28), rng.uniform(2.6, 3.6)
        angle = np.linspace(start, start + span, 24)
        arc = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 0.98
        lid = np.concatenate([arc, np.array([[0.0, 0.0]])])
        canvas.polygon(lid + 0.03, np.zeros(3), 90)
        canvas.polygon(lid, crust)
        canvas.polygon(lid * 0.9, _GOLD)
        for turn in np.linspace(start + 0.5, start + span - 0.5, 3):
            vent = np.array([[np.cos(turn), np.sin(turn)]]) * [[0.4], [0.7]]
            canvas.line(vent, crust * 0.6, 0.04)


def _crust(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    canvas.polygon(circle(72, 0.025, 24) * 0.99 + 0.03, np.zeros(3), 70)
    canvas.polygon(circle(72, 0.025, 24) * 0.98, shades(_CRUST, 1, 0.08, rng)[0])
    canvas.polygon(circle() * 0.88, _CRUST * 0.75)
    canvas.polygon(circle() * 0.86, shades(rgb("f2dc9a"), 1, 0.05, rng)[0])


def _lid(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room, rgb("ecdcb4"), rng)


def _pizza(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    canvas.polygon(circle(40, 0.015, 9) * 0.98, shades(_GOLD, 1, 0.08, rng)[0] * 0.95)
    for place in sunflower(14, 1.0, rng) * 0.94:
        canvas.polygon(circle(8) * 0.05 + place, _CRUST * 0.7, 130)
    canvas.polygon(circle(40, 0.02, 8) * 0.85, colours[0])
    for place in sunflower(26, 0.74, rng):
        canvas.polygon(circle(12, 0.1, 4) * rng.uniform(0.08, 0.17) + place, rgb("f4e2ac"), 190)


def _bread(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room, rgb("e8c880"), rng)
    chunks(canvas, colours * 0.7 + _GOLD * 0.3, 42, (0.15, 0.14), rng)


def _cake(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    side = circle() * 0.9
    canvas.polygon(side + (0.05, 0.14), colours[0] * 0.7)
    canvas.polygon(side, colours[0])
    canvas.polygon(side * 0.95, colours[1])
    if rng.random() < 0.5:
        corner = np.array([[0, 0], [0.98, 0.2], [0.9, 0.62]])
        canvas.polygon(corner, colours[0] * 0.62)


def _pancakes(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    for _ in range(3):
        shift = rng.uniform(-0.16, 0.16, size=2)
        canvas.polygon(circle(30, 0.02, 5) * 0.76 + shift + 0.05, np.zeros(3), 60)
        canvas.polygon(circle(30, 0.02, 5) * 0.76 + shift, rgb("e8c488"))
        canvas.polygon(circle(30, 0.02, 5) * 0.68 + shift, shades(rgb("b8702e"), 1, 0.08, rng)[0])


def _omelette(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    half = circle(40) * (0.97, 0.88) * np.where(circle(40)[:, 1:] > 0, 1.0, 0.35) + (0, -0.25)
    canvas.polygon(half + 0.04, np.zeros(3), 70)
    canvas.polygon(half, shades(rgb("e0ac2c"), 1, 0.06, rng)[0])
    canvas.polygon(half * 0.92, shades(rgb("f4cf54"), 1, 0.05, rng)[0])
    for place in sunflower(14, 0.6, rng):
        spot = circle(10, 0.1, 3) * rng.uniform(0.05, 0.12) + (place[0], abs(place[1]) * 0.9 - 0.3)
        canvas.polygon(spot, rgb("a8681e"), 90)


def _skewers(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    for row in (-0.5, 0.0, 0.5):
        canvas.line(np.array([[-1.0, row], [1.0, row]]), rgb("c8a468"), 0.04)


def _tacos(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    for row in (-0.57, 0.0, 0.57):
        shell = circle(24) * (0.8, 0.29) + (0, row)
        canvas.polygon(shell + 0.03, np.zeros(3), 70)
        canvas.polygon(shell, shades(colours[0], 1, 0.05, rng)[0])
        canvas.polygon(circle(24) * (0.74, 0.22) + (0, row), shades(colours[1], 1, 0.05, rng)[0])


def _gratin(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    fill(canvas, room, rgb("e8d49a"), rng)
    for place in sunflower(34, 0.85, rng):
        canvas.polygon(circle(14) * 0.2 + place + 0.015, rgb("b08438"))
        canvas.polygon(circle(14) * 0.19 + place, shades(rgb("f0dc98"), 1, 0.05, rng)[0])
    for place in sunflower(12, 0.85, rng):
        canvas.polygon(circle(12, 0.12, 5) * rng.uniform(0.06, 0.15) + place, rgb("a8641c"), 140)


def _toast(canvas: Canvas, room: Array, colours: Array, rng: np.random.Generator) -> None:
    for middle in (-0.47, 0.47):
        slice_ = square(30, 5.0) * (0.43, 0.62) + (middle, rng.normal(0, 0.04))
        canvas.polygon(slice_ + 0.03, np.zeros(3), 80)
        canvas.polygon(slice_, colours[0])
        canvas.polygon((slice_ - (middle, 0)) * 0.88 + (middle, 0), colours[1] * 0.94)


BAKES: dict[str, Callable[[Canvas, Array, Array, np.random.Generator], None]] = {
    "crust": _crust,
    "lattice": _crust,
    "lid": _lid,
    "pizza": _pizza,
    "bread": _bread,
    "cake": _cake,
    "pancakes": _pancakes,
    "omelette": _omelette,
    "skewers": _skewers,
    "tacos": _tacos,
    "gratin": _gratin,
    "toast": _toast,
}
