"""A canvas seen from a slant: dish coordinates (vessel radius = 1) become pixels."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Array = npt.NDArray[np.float64]
OVERSAMPLING = 2


class Canvas:
    """Draws polygons and lines given in dish coordinates, N points as [N, 2]."""

    def __init__(self, pixels: int, rng: np.random.Generator) -> None:
        self.side = pixels * OVERSAMPLING
        self.image = Image.new("RGB", (self.side, self.side))
        self.pen = ImageDraw.Draw(self.image, "RGBA")
        self.scale = self.side * rng.uniform(0.4, 0.54)
        angle = rng.normal(0, 0.5)
        slant = np.diag([1.0, rng.uniform(0.7, 1.0)])
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        self.matrix = slant @ turn
        self.centre = self.side * (0.5 + rng.uniform(-0.07, 0.07, size=2))

    def zoom(self, factor: float) -> None:
        """Make later coordinates refer to `factor` vessel radii."""
        self.scale *= factor

    def pixels(self, points: Array) -> Array:
        """Map points [..., 2] to the canvas."""
        mapped: Array = points @ self.matrix.T * self.scale + self.centre
        return mapped

    def polygon(self, points: Array, colour: Array, alpha: int = 255) -> None:
        """Fill one polygon [K, 2]."""
        self.pen.polygon(self.pixels(points).ravel().tolist(), fill=ink(colour, alpha))

    def polygons(self, outlines: Array, colours: Array, alpha: int = 255) -> None:
        """Fill N polygons [N, K, 2] in N colours [N, 3]."""
        flat = self.pixels(outlines).reshape(len(outlines), -1).tolist()
        for points, colour in zip(flat, colours, strict=True):
            self.pen.polygon(points, fill=ink(colour, alpha))

    def line(self, points: Array, colour: Array, width: float, alpha: int = 255) -> None:
        """Draw a line through points [K, 2], `width` in dish coordinates."""
        flat = self.pixels(points).ravel().tolist()
        self.pen.line(flat, fill=ink(colour, alpha), width=max(1, round(width * self.scale)), joint="curve")

    def lines(self, strokes: Array, colours: Array, width: float) -> None:
        """Draw N lines [N, K, 2] in N colours [N, 3]."""
        flat = self.pixels(strokes).reshape(len(strokes), -1).tolist()
        size = max(1, round(width * self.scale))
        for points, colour in zip(flat, colours, strict=True):
            self.pen.line(points, fill=ink(colour, 255), width=size)


def ink(colour: Any, alpha: int) -> tuple[int, int, int, int]:
    """Clip a colour to what Pillow takes."""
    red, green, blue = (min(255, max(0, int(part))) for part in colour)
    return red, green, blue, alpha


def rgb(code: str) -> Array:
    """Read a colour such as `e0661e`."""
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], dtype=np.float64)


def shades(colour: Array, count: int, spread: float, rng: np.random.Generator) -> Array:
    """Vary a colour's brightness, and its hue a little: [count, 3]."""
    bright = rng.normal(1, spread, size=(count, 1))
    hue = rng.normal(1, spread / 3, size=(count, 3))
    varied: Array = np.clip(colour * bright * hue, 0, 255)
    return varied


def circle(points: int = 40, bump: float = 0.0, lobes: int = 7) -> Array:
    """Outline of the unit circle [points, 2], wavy if `bump` is not 0."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = 1 + bump * np.cos(lobes * angle)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def square(points: int = 40, power: float = 6.0) -> Array:
    """Outline of a rounded square [points, 2] with half side 1."""
    unit = circle(points)
    rounded: Array = unit / (np.abs(unit) ** power).sum(axis=1, keepdims=True) ** (1 / power)
    return rounded
