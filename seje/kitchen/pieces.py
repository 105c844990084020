"""Pieces of an ingredient: their outline by shape, their colours by cooking."""

from functools import cache
from typing import NamedTuple

import numpy as np

from seje.kitchen.canvas import Array, Canvas, circle, ink, rgb, shades, square
from seje.kitchen.cuts import COOKING, CUTS, shape, size
from seje.kitchen.recipes import Part

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
_SOLID = {"cube", "berry", "slab", "chunk", "bean"}  # lit from one side


class Piece(NamedTuple):
    """One piece: its L layers in drawing order, outlines [L, 12, 2] and a colour with alpha for each."""

    outlines: Array
    inks: list[tuple[int, int, int, int]]


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


def pieces(part: Part, places: Array, tint: Array, sunk: float, rng: np.random.Generator) -> list[Piece]:
    """Make one piece at each place [N, 2]; `sunk` is the share of `tint` that its colours take."""
    name = shape(part.cut, part.ingredient.form)
    length, width, inner, rough = _SHAPES[name]
    count, half = len(places), size(part.cut, part.ingredient.form)
    stretch = rng.normal(1, 0.1, size=(count, 1, 2)) * (length, width) * half
    unit = outline(name) + rng.normal(0, rough, size=(count, _POINTS, 2))
    shapes = turned(unit * stretch, rng)
    colours = palette(part) * (1 - sunk) + tint * sunk
    outside, inside = (shades(colour, count, 0.06, rng) for colour in colours)
    if name == "cube":
        # Half of the cubes show the cut side, not the skin.
        outside = np.where(rng.random((count, 1)) < 0.5, inside * 0.78, outside)
    shift = np.array([-0.12, -0.16]) * half * (name in _SOLID)
    layers = [(shapes * 1.05 + half * 0.18, inside * 0, 70), (shapes, outside, 255)]
    if inner:
        layers.append((shapes * inner + shift, inside, 255))
    if name in {"ring", "ringlet"}:
        layers.append((shapes * inner * 0.75, outside * 0.8, 255))
    layers += _marks(COOKING[part.cooking].mark, shapes, rng)
    outlines = np.stack([layer + places[:, None] for layer, _, _ in layers], axis=1)
    inks = [[ink(colour[i], alpha) for _, colour, alpha in layers] for i in range(count)]
    return [Piece(*piece) for piece in zip(outlines, inks, strict=True)]


def turned(shapes: Array, rng: np.random.Generator) -> Array:
    """Turn each of N outlines [N, K, 2] by an angle of its own."""
    angle = rng.uniform(0, 2 * np.pi, size=len(shapes))
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1)
    return np.asarray(np.einsum("nij,nkj->nki", turn.reshape(-1, 2, 2), shapes))


def _marks(mark: str, shapes: Array, rng: np.random.Generator) -> list[tuple[Array, Array, int]]:
    dark = shades(rgb("2c1608"), len(shapes), 0.1, rng)
    if mark == "char":
        middle = shapes[:, rng.integers(_POINTS)][:, None] * 0.55
        return [(shapes * 0.42 + middle, dark, 170)]
    if mark == "stripes":
        bars = shapes * (0.95, 0.16)
        gap = np.abs(shapes[..., 1]).max(axis=1)[:, None, None] * (0.0, 0.42)
        return [(bars + sign * gap, dark, 190) for sign in (-1, 1)]
    return []


def draw_pieces(canvas: Canvas, found: list[Piece]) -> None:
    """Draw pieces one after the other."""
    if not found:
        return
    flat = canvas.pixels(np.concatenate([piece.outlines for piece in found])).reshape(-1, 2 * _POINTS)
    inks = [colour for piece in found for colour in piece.inks]
    for points, colour in zip(flat.tolist(), inks, strict=True):
        canvas.pen.polygon(points, fill=colour)


def draw_sauce(canvas: Canvas, part: Part, rng: np.random.Generator) -> None:
    """Draw what is drizzled or spooned over."""
    colours = palette(part)
    if part.cut == "dolloped":
        for _ in range(CUTS[part.cut].pieces):
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
