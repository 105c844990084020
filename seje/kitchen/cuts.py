"""How ingredients are cut, and how they are cooked: the words for it and what it does to the look."""

from typing import NamedTuple


class Cut(NamedTuple):
    """One way to cut: verb and participle, piece size (dish radius = 1), and pieces of a usual amount."""

    verb: str
    participle: str
    size: float
    pieces: int


CUTS = {
    "whole": Cut("rinse", "", 0.085, 13),
    "diced": Cut("dice", "diced", 0.075, 20),
    "cubed": Cut("cube", "cut into cubes", 0.115, 11),
    "sliced": Cut("slice", "sliced", 0.145, 10),
    "julienned": Cut("julienne", "cut into matchsticks", 0.13, 18),
    "minced": Cut("mince", "minced", 0.042, 30),
    "grated": Cut("grate", "grated", 0.085, 34),
    "chopped": Cut("chop", "chopped", 0.085, 17),
    "crumbled": Cut("crumble", "crumbled", 0.065, 22),
    "halved": Cut("halve", "halved", 0.11, 12),
    "quartered": Cut("quarter", "quartered", 0.14, 9),
    "shredded": Cut("shred", "shredded", 0.13, 22),
    "torn": Cut("tear", "torn", 0.13, 10),
    "drizzled": Cut("drizzle", "for drizzling", 0.8, 3),
    "dolloped": Cut("spoon over", "", 0.2, 3),
    "dusted": Cut("dust", "for dusting", 0.035, 90),
}

# Shape of a piece by cut; where it depends on the ingredient's form, "form:shape" comes first.
_SHAPES = {
    "diced": "cube",
    "cubed": "cube",
    "sliced": "stick:coin ball:disc ring:ring cap:cap egg:disc ringlet:ringlet leaf:thread berry:disc slab",
    "julienned": "stick",
    "minced": "speck",
    "grated": "thread",
    "shredded": "thread",
    "chopped": "leaf:flake sprig:flake stick:coin floret:floret pod:stick chunk",
    "crumbled": "chunk",
    "halved": "coin",
    "quartered": "leaf:leaf wedge",
    "torn": "leaf",
    "drizzled": "flow",
    "dolloped": "flow",
    "dusted": "speck",
    "whole": "stick:spear ball:berry slab:cube crumb:chunk sprig:leaf none:speck ring:disc egg:disc",
}
_WHOLE_SIZES = {"leaf": 0.13, "seed": 0.05, "floret": 0.15, "crescent": 0.13, "spear": 0.3, "chunk": 0.065}
_WHOLE_SIZES |= {"needle": 0.1, "thread": 0.08, "pod": 0.17, "bean": 0.075, "berry": 0.085}


class Cooking(NamedTuple):
    """One way to cook: colour it blends towards (hex), how far (0 to 1), and the mark it leaves."""

    colour: str
    share: float
    mark: str


COOKING = {
    "raw": Cooking("ffffff", 0.0, ""),
    "boiled": Cooking("a89878", 0.16, ""),
    "fried": Cooking("b8702a", 0.28, "edge"),
    "roasted": Cooking("5e3416", 0.26, "char"),
    "grilled": Cooking("6a3c1c", 0.14, "stripes"),
    "baked": Cooking("c08840", 0.16, ""),
}


def shape(cut: str, form: str) -> str:
    """Name the shape of one piece of an ingredient of that form after that cut."""
    options = _SHAPES[cut].split()
    named = dict(option.split(":") for option in options if ":" in option)
    plain = next((option for option in options if ":" not in option), form)
    return str(named.get(form, plain))


def size(cut: str, form: str) -> float:
    """Half the length of one piece, in dish radii."""
    return _WHOLE_SIZES.get(shape(cut, form), CUTS[cut].size) if cut == "whole" else CUTS[cut].size
