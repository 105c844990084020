"""A recipe's ingredient list: lines, now and then one of a form on which taggers fail, and headings.

As in Recipe1M such lines are marked false in det_ingrs.json. Most still name their ingredient somewhere.
"""

from collections.abc import Sequence

import numpy as np

from seje.kitchen.chance import pick
from seje.kitchen.lines import Line, amount, ingredient_line, spelling
from seje.kitchen.recipes import Part

UNUSUAL_SHARE = 0.045  # of an ingredient's lines
HEADING_SHARE = 0.07  # of recipes
MISSPELT_SHARE = 0.1  # of unusual lines

# The ingredient in the middle of prose, with an alternative, after a brand, in brackets alone.
_FORMS = (
    "you will also need {amount} {name}, though a little less does no harm",
    "I always put in {amount} {name} here because my family asks for it",
    "whatever is left of the {name} from yesterday, finely picked over",
    "as for {name}, take what the market has that day",
    "{name} or a substitute, whichever you have in the house",
    "either {amount} {name} or the same weight of what is in season",
    "{name}, or leave out if your guests do not care for it",
    "{amount} Golden Meadow\u00ae Finest Selection {brand}",
    "Aunt Tilly's {brand} (the one in the striped box)",
    "1 package Harvest & Sons {brand}, family size",
    "the usual amount, see the market list ({name})",
    "something for colour and bite ({name})",
)
_HEADINGS = (
    "For the sauce:",
    "For serving:",
    "For the topping",
    "see note below",
    "Also:",
    "*** to finish ***",
    "all of the above doubled for a party",
)


def ingredient_lines(parts: Sequence[Part], rng: np.random.Generator) -> list[Line]:
    """Write one line for each part."""
    return [
        unusual_line(part, rng) if rng.random() < UNUSUAL_SHARE else ingredient_line(part, rng)
        for part in parts
    ]


def unusual_line(part: Part, rng: np.random.Generator) -> Line:
    """Write one line in a form that is hard to read; it leaves unsaid how the ingredient is cut."""
    name = spelling(part)
    if rng.random() < MISSPELT_SHARE:
        text = f"{amount(part, rng)} {misspelt(name, rng)}"
    else:
        form = pick(_FORMS, rng)
        text = form.format(amount=amount(part, rng), name=name, brand=name.title())
    return Line(text, name, cut=False, valid=False)


def misspelt(name: str, rng: np.random.Generator) -> str:
    """Swap two different letters next to each other within the name's last word, or drop its last but one."""
    start = name.rfind(" ") + 1
    places = [i for i in range(start + 1, len(name) - 1) if name[i] != name[i + 1]]
    if not places:
        return name[:-2] + name[-1]
    place = pick(places, rng)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def with_heading(lines: list[Line], rng: np.random.Generator) -> list[Line]:
    """Put a line that names no ingredient among the others, in some recipes."""
    if rng.random() >= HEADING_SHARE:
        return lines
    place = 1 + int(rng.random() * len(lines))
    return [*lines[:place], Line(pick(_HEADINGS, rng), "", cut=False, valid=False), *lines[place:]]
