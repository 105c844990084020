"""What lies around the food: the table top, cutlery, and the vessel."""

from typing import NamedTuple

import numpy as np

from seje.kitchen.canvas import Array, Canvas, circle, ink, rgb, shades, square


class Vessel(NamedTuple):
    """A vessel from above: outline, colours of rim and inside, the share that food may fill, handles."""

    outline: str
    rim: str
    inside: str
    room: float
    handles: int = 0


VESSELS = {
    "white plate": Vessel("round", "f2f2ee", "fbfbf8", 0.76),
    "blue plate": Vessel("round", "35578c", "4a70a8", 0.76),
    "grey plate": Vessel("round", "6f7478", "83888c", 0.76),
    "soup bowl": Vessel("round", "efeeea", "dcdad4", 0.87),
    "white bowl": Vessel("round", "f4f3ef", "e6e4de", 0.87),
    "blue bowl": Vessel("round", "2a4a80", "3c5f9a", 0.87),
    "clay bowl": Vessel("round", "a8552c", "8a421f", 0.87),
    "wooden bowl": Vessel("round", "9a6a38", "7d5228", 0.85),
    "glass bowl": Vessel("round", "c4d4d8", "d8e4e6", 0.88),
    "soup pot": Vessel("round", "8a9094", "a4a9ac", 0.9, 2),
    "casserole": Vessel("round", "b8321f", "e8dcc4", 0.88, 2),
    "skillet": Vessel("round", "2a2a2c", "38383a", 0.88, 1),
    "pie tin": Vessel("round", "a8acb0", "8f9498", 0.9),
    "baking dish": Vessel("square", "dfe3dc", "c9cec6", 0.88, 2),
    "baking tray": Vessel("square", "4f5052", "6a6b6c", 0.9),
    "wooden board": Vessel("square", "b07a42", "bd8850", 0.84),
}
_TABLES = {
    "planks": "8a5a30 b98a58 5a3a24 d0ab7c 6f6a64 c8b8a0",
    "cloth": "c8403c 3c6a9c e8e4da 5c8a5c d8b24c 8a8f98",
    "marble": "e8e6e2 d4d2d0 3a3c40 c9bfb2",
    "plain": "d9d4c8 3c4248 7d9498 b9c4b4 e0c9a8 6a4a48 a8b8cc f0f0ee",
}


def draw_table(canvas: Canvas, rng: np.random.Generator) -> None:
    """Cover the whole canvas with a table top, sometimes with a napkin or cutlery on it."""
    kind = rng.choice(list(_TABLES))
    colour = shades(rgb(rng.choice(_TABLES[kind].split())), 1, 0.08, rng)[0]
    canvas.pen.rectangle((0, 0, canvas.side, canvas.side), fill=ink(colour, 255))
    if kind == "planks":
        _stripes(canvas, colour, rng.uniform(0.25, 0.6), 0.07, rng)
        _stripes(canvas, colour * 0.8, 0.09, 0.0, rng)
    elif kind == "cloth":
        _checks(canvas, colour, rng)
    elif kind == "marble":
        steps = rng.normal(0, 0.25, size=(9, 12, 2)).cumsum(axis=1) + rng.uniform(-1.5, 1.5, size=(9, 1, 2))
        for vein in steps:
            canvas.line(vein, 255 - (255 - colour) * 1.6 if colour.mean() < 90 else colour * 0.85, 0.02, 120)
    _props(canvas, rng)


def _stripes(canvas: Canvas, colour: Array, width: float, spread: float, rng: np.random.Generator) -> None:
    edges = np.arange(-3.2, 3.2, width)
    tones = shades(colour, len(edges), spread, rng)
    turn = rng.normal(0, 0.1)
    for edge, tone in zip(edges + rng.uniform(0, width), tones, strict=True):
        if spread:
            corners = np.array([[-4, edge], [4, edge + turn], [4, edge + width + turn], [-4, edge + width]])
            canvas.polygon(corners, tone)
        canvas.line(np.array([[-4, edge], [4, edge + turn]]), colour * 0.75, 0.012, 150 if spread else 50)


def _checks(canvas: Canvas, colour: Array, rng: np.random.Generator) -> None:
    pale = colour * 0.4 + 255 * 0.6
    width = rng.uniform(0.12, 0.35)
    crossed = rng.random() < 0.6
    for edge in np.arange(-3.2, 3.2, 2 * width):
        canvas.line(np.array([[-4, edge], [4, edge]]), pale, width, 130)
        if crossed:
            canvas.line(np.array([[edge, -4], [edge, 4]]), pale, width, 130)


def _props(canvas: Canvas, rng: np.random.Generator) -> None:
    if rng.random() < 0.25:
        corner = rng.choice([-1.1, 1.1], size=2)
        canvas.polygon(square() * 0.6 + corner, shades(rgb("d8d2c4"), 1, 0.15, rng)[0])
    if rng.random() < 0.4:
        side = rng.choice([-1.2, 1.2])
        steel = shades(rgb("b4b8bc"), 1, 0.1, rng)[0]
        canvas.line(np.array([[side, -0.7], [side, 0.7]]), steel, 0.05)
        canvas.polygon(circle(16) * (0.1, 0.2) + (side, -0.75), steel)
    if rng.random() < 0.2:
        place = rng.choice([-1.0, 1.0], size=2) * rng.uniform(1.0, 1.3)
        canvas.polygon(circle() * 0.32 + place, rgb("dce6e8"), 150)
        canvas.polygon(circle() * 0.26 + place, shades(rgb("c8a070"), 1, 0.3, rng)[0], 170)


def draw_vessel(canvas: Canvas, name: str, rng: np.random.Generator) -> Vessel:
    """Draw the empty vessel, then let the canvas's coordinates refer to the room for food."""
    vessel = VESSELS[name]
    outline = circle(48) if vessel.outline == "round" else square(48) * (1.12, 0.88)
    rim, inside = (shades(rgb(code), 1, 0.04, rng)[0] for code in (vessel.rim, vessel.inside))
    shadow = np.array([0.06, 0.08]) * rng.uniform(0.5, 1.5)
    canvas.polygon(outline * 1.02 + shadow, np.zeros(3), 80)
    for handle in range(vessel.handles):
        length = 1.6 if vessel.handles == 1 else 1.16
        end = (length if handle == 0 else -length, 0.0)
        canvas.line(np.array([[0.0, 0.0], end]), rim * 0.9, 0.2)
    canvas.polygon(outline, rim)
    canvas.polygon(outline * 0.97, rim * 0.93)
    canvas.polygon(outline * (vessel.room + 0.04), inside * 0.88)
    canvas.polygon(outline * vessel.room + (0.012, 0.016), inside)
    canvas.zoom(vessel.room)
    return vessel
