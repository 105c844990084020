"""Draws from short lists, each from one number of the generator: much faster than numpy's own."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def pick(options: Sequence[T], rng: np.random.Generator) -> T:
    """Draw one of the options, all equally likely."""
    return options[int(rng.random() * len(options))]


def sample(options: Sequence[T], count: int, rng: np.random.Generator) -> list[T]:
    """Draw `count` different options (at most all), in random order."""
    left = list(options)
    return [left.pop(int(rng.random() * len(left))) for _ in range(min(count, len(left)))]


def between(fewest: int, most: int, rng: np.random.Generator) -> int:
    """Draw a whole number from `fewest` to `most`, both included."""
    return fewest + int(rng.random() * (most - fewest + 1))
