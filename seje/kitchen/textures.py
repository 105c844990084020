"""What several bases are drawn with: a filled room, and blocks that lie about."""

import numpy as np

from seje.kitchen.canvas import Array, Canvas, shades, square
from seje.kitchen.layouts import sunflower
from seje.kitchen.pieces import turned


def fill(canvas: Canvas, room: Array, colour: Array, rng: np.random.Generator) -> None:
    """Fill the room with one colour, darker at the rim and lighter where light falls."""
    canvas.polygon(room, colour * 0.86)
    canvas.polygon(room * 0.95, colour)
    canvas.polygon(room * 0.6 + rng.uniform(-0.2, 0.2, size=2), colour * 1.05, 110)


def chunks(
    canvas: Canvas, colours: Array, count: int, half: tuple[float, float], rng: np.random.Generator
) -> None:
    """Scatter `count` blocks of that half size (length, width), lighter on top."""
    shapes = turned(square(10) * half * rng.uniform(0.8, 1.2, size=(count, 1, 1)), rng)
    middle = sunflower(count, 0.85, rng)[:, None]
    under, over = shades(colours[0] * 0.8, count, 0.07, rng), shades(colours[1], count, 0.06, rng)
    for i in range(count):
        canvas.polygon(shapes[i] * 1.05 + middle[i] + 0.015, under[i])
        canvas.polygon(shapes[i] * 0.8 + middle[i], over[i])
