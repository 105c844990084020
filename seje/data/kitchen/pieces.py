"""Pieces of an ingredient: their outline by shape, their colours by cooking."""

from functools import cache

import numpy as np

from seje.data.kitchen.canvas import Array, Canvas, circle, ink, rgb, shades, square
from seje.data.kitchen.cuts import COOKING, CUTS, shape, size
from seje.data.kitchen.recipes import Part

# Shape: half length, half width (of the piece's size), scale of the inside, roughness of the outline.
_SHAPES = {
    "disc": (0.9, 0.9, 0.82, 0.03),
    "coin": (0.68, 0.66, 0.7, 0.04),
    "cube": (0.82, 0.78, 0.7, 0.1),
    "slab": (1.05, 0.58, 0.72, 0.1),
    "stick": (1.0, 0.2, 0.55, 0.05),
    "spear": (1.0, 0.1, 0.6, 0.02),
    "thread": (1.0, 0.13, 0.5, 0.1),
    "speck": (0.9, 0.8, 0.0, 0.2),
    "flake": (1.0, 0.6, 0.5, 0.16),
    "chunk": (0.95, 0.85, 0.66, 0.22),
    "wedge": (1.0, 0.55, 0.66, 0.04),
    "leaf": (1.0, 0.52, 0.55, 0.06),
    "bean": (1.0, 0.66, 0.5, 0.04),
    "berry": (0.9, 0.88, 0.42, 0.03),
    "seed": (1.0, 0.6, 0.5, 0.05),
    "needle": (1.0, 0.13, 0.5, 0.02),
    "pod": (1.0, 0.24, 0.55, 0.03),
    "floret": (0.95, 0.9, 0.62, 0.06),
    "cap": (0.95, 0.85, 0.76, 0.03),
    "crescent": (1.0, 0.85, 0.7, 0.03),
    "egg": (0.95, 0.78, 0.56, 0.02),
    "ring": (1.0, 0.9, 0.72, 0.03),
    "ringlet": (0.9, 0.85, 0.45, 0.03),
}
_POINTS = 12


@cache
def outline(name: str) -> Array:
    """Outline of a shape [12, 2], at most 1 from its middle."""
    angle = np.linspace(0, 2 * np.pi, _POINTS, endpoint=False)
    if name in {"cube", "slab", "stick", "spear"}:
        return square(_POINTS, 8.0)
    if name == "leaf":
        return np.stack([np.cos(angle), np.sin(angle) * np.abs(np.sin(angle)) ** 0.6], axis=1)
    if name == "floret":
        return circle(_POINTS, 0.16, 6)
    if name == "wedge":
        return np.stack(
            [np.cos(angle), np.where(np.sin(angle) > 0, np.sin(angle), 0.15 * np.sin(angle))], axis=1
        )
    if name == "crescent":
        bend = np.linspace(0.2, np.pi - 0.2, _POINTS // 2)
        outer = np.stack([np.cos(bend), np.sin(bend)], axis=1)
        return np.concatenate([outer, outer[::-1] * (0.45, 0.35)]) - (0, 0.4)
    if name == "cap":
        stem = np.where(np.sin(angle) < -0.2, 0.45, 1.0)
        return np.stack([np.cos(angle) * stem, np.sin(angle)], axis=1)
    return circle(_POINTS)


def palette(part: Part) -> Array:
    """Colours of a part outside and inside [2, 3], after cooking."""
    cooking = COOKING[part.cooking]
    colours = np.array([rgb(code) for code in part.ingredient.colours])
    blended: Array = colours * (1 - cooking.share) + rgb(cooking.colour) * cooking.share
    if cooking.mark == "edge":
        blended[0] = blended[0] * 0.6 + rgb("7a4416") * 0.4
    return blended


def pieces(
    part: Part, places: Array, tint: Array, sunk: float, rng: np.random.Generator
) -> list[list[Array]]:
    """Make one piece at each place [N, 2]: its layers in drawing order, each [13, 2+1]: outline and colour."""
    name = shape(part.cut, part.ingredient.form)
    length, width, inner, rough = _SHAPES[name]
    count, half = len(places), size(part.cut, part.ingredient.form)
    angle = rng.uniform(0, 2 * np.pi, size=count)
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1).reshape(-1, 2, 2)
    stretch = rng.normal(1, 0.1, size=(count, 1, 2)) * (length, width) * half
    unit = outline(name) + rng.normal(0, rough, size=(count, _POINTS, 2))
    shapes = np.einsum("nij,nkj->nki", turn, unit * stretch)
    colours = palette(part) * (1 - sunk) + tint * sunk
    outside = shades(colours[0], count, 0.06, rng)
    inside = shades(colours[1], count, 0.06, rng)
    if name == "cube":
        # Half of the cubes show the cut side, not the skin.
        outside = np.where(rng.random((count, 1)) < 0.5, inside * 0.78, outside)
    shift = np.array([-0.12, -0.16]) * half * (name in {"cube", "berry", "slab", "chunk", "bean"})
    layers = [_layer(shapes * 1.05 + places[:, None] + half * 0.18, inside * 0.0, 70)]
    layers.append(_layer(shapes + places[:, None], outside, 255))
    if inner:
        layers.append(_layer(shapes * inner + places[:, None] + shift, inside, 255))
    if name in {"ring", "ringlet"}:
        layers.append(_layer(shapes * inner * 0.75 + places[:, None], outside * 0.8, 255))
    layers += _marks(COOKING[part.cooking].mark, shapes, places, rng)
    return [[layer[i] for layer in layers] for i in range(count)]


def _layer(shapes: Array, colours: Array, alpha: int) -> Array:
    # The last row carries colour and alpha, so that a piece's layers stay together when pieces are shuffled.
    count = len(shapes)
    padded = np.concatenate([shapes, np.zeros((count, _POINTS, 2))], axis=2)
    last = np.concatenate([colours, np.full((count, 1), alpha)], axis=1)[:, None]
    return np.concatenate([padded, last], axis=1)


def _marks(mark: str, shapes: Array, places: Array, rng: np.random.Generator) -> list[Array]:
    count = len(shapes)
    dark = shades(rgb("2c1608"), count, 0.1, rng)
    if mark == "char":
        middle = shapes[:, rng.integers(_POINTS)][:, None] * 0.55
        return [_layer(shapes * 0.42 + middle + places[:, None], dark, 170)]
    if mark == "stripes":
        bars = shapes.copy()
        bars[..., 0] *= 0.95
        bars[..., 1] *= 0.16
        gap = np.abs(shapes[..., 1]).max(axis=1)[:, None] * 0.42
        offset = np.stack([np.zeros_like(gap), gap], axis=2)
        return [_layer(bars + places[:, None] + sign * offset, dark, 190) for sign in (-1, 1)]
    return []


def draw_pieces(canvas: Canvas, layers: list[list[Array]]) -> None:
    """Draw pieces one after the other."""
    for piece in layers:
        for layer in piece:
            points = canvas.pixels(layer[:_POINTS, :2]).ravel().tolist()
            canvas.pen.polygon(points, fill=ink(layer[_POINTS, :3], int(layer[_POINTS, 3])))


def draw_sauce(canvas: Canvas, part: Part, rng: np.random.Generator) -> None:
    """Draw what is drizzled or spooned over."""
    colours = palette(part)
    if part.cut == "dolloped":
        for _ in range(CUTS[part.cut].count):
            place, bulge = rng.uniform(-0.45, 0.45, size=2), rng.uniform(0.8, 1.3)
            blob = circle(20, 0.08, int(rng.integers(3, 7))) * CUTS[part.cut].size * bulge
            canvas.polygon(blob + place + 0.02, np.zeros(3), 70)
            canvas.polygon(blob + place, colours[0])
            canvas.polygon(blob * 0.6 + place - 0.03, colours[1])
        return
    along = np.linspace(-0.75, 0.75, 26)
    across = 0.28 * np.sin(along * rng.uniform(9, 14) + rng.uniform(0, 6)) + rng.uniform(-0.25, 0.25)
    trail = np.stack([along, across], axis=1) @ canvas.matrix
    canvas.line(trail, colours[0], 0.06)
    canvas.line(trail - 0.01, colours[1], 0.025)
