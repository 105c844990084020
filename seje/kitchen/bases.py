"""What lies under the pieces."""

import numpy as np

from seje.kitchen.bakes import BAKES
from seje.kitchen.bowls import BOWLS
from seje.kitchen.canvas import Array, Canvas

_BASES = BOWLS | BAKES


def draw_base(canvas: Canvas, kind: str, room: Array, colours: Array, rng: np.random.Generator) -> None:
    """Draw a base of that kind; `room` is the outline of the vessel's inside, `colours` [2, 3]."""
    _BASES[kind](canvas, room, colours, rng)
