"""Views of a recipe: all of it, and what is left where parts of it are hidden, as people ask.

A view is to a recipe what a crop is to a photo: phase I describes each, and training draws among them.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from seje.data.recipe_text import TEXT

# Which of title, ingredients and instructions each view shows, [V, 3]; the first shows all, none nothing.
SHOWN: npt.NDArray[np.bool_] = np.array(list(product((True, False), repeat=len(TEXT)))[:-1])
VIEWS = len(SHOWN)


def view(*parts: str) -> int:
    """Number the view that shows these parts and no other."""
    return int((SHOWN == [part in parts for part in TEXT]).all(axis=1).argmax())


WHOLE = view(*TEXT)
# The views that a model is measured by, beside the whole.
ASKED = {
    "title": view("title"),
    "ingredients": view("ingredients"),
    "instructions": view("instructions"),
    "no_instructions": view("title", "ingredients"),
}


def seen(recipe: dict[str, Any], number: int) -> dict[str, Any]:
    """Give a recipe's title, ingredients and instructions as a view shows them: hidden ones are empty."""
    empty: dict[str, Sequence[str]] = {"title": "", "ingredients": [], "instructions": []}
    return {
        part: recipe[part] if shown else empty[part] for part, shown in zip(TEXT, SHOWN[number], strict=True)
    }


def rest(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give the views that show what these hide; of the whole, the whole."""
    return np.where(numbers == WHOLE, WHOLE, VIEWS - numbers)


def draw(count: int, drop: float, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw a view for each of `count` recipes: each part is hidden with the probability `drop`, never all."""
    hidden = random.random((count, len(TEXT))) < drop
    numbers = hidden @ (1 << np.arange(len(TEXT))[::-1])
    return np.where(numbers == VIEWS, WHOLE, numbers)
