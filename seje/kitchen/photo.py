"""Draws a photo of a recipe, and takes it: light, blur, noise, JPEG."""

import io

import numpy as np
from PIL import Image, ImageFilter

from seje.kitchen.bakes import draw_cover
from seje.kitchen.bases import draw_base
from seje.kitchen.canvas import OVERSAMPLING, Array, Canvas, circle, rgb, square
from seje.kitchen.cuts import CUTS
from seje.kitchen.layouts import places, scattered
from seje.kitchen.pieces import draw_pieces, draw_sauce, palette, pieces
from seje.kitchen.recipes import Part, Recipe
from seje.kitchen.setting import Vessel, draw_table, draw_vessel

# How deep pieces sink into the base: the share of its colour that they take.
_SUNK = {"broth": 0.2, "noodlebroth": 0.12, "curry": 0.25, "porridge": 0.12, "lid": 0.2, "potatoes": 0.1}
_SPONGE = np.array([rgb("c98f44"), rgb("ecc980")])
_UNTINTED = {"cake", "pancakes", "omelette", "toast", "crust", "lattice", "lid", "gratin", "bread", "bare"}


def photo(recipe: Recipe, pixels: int, rng: np.random.Generator) -> bytes:
    """Draw one photo, `pixels` on each side, as JPEG bytes; another rng is another shot."""
    canvas = Canvas(pixels, rng)
    draw_table(canvas, rng)
    vessel = draw_vessel(canvas, recipe.vessel, rng)
    draw_food(canvas, recipe, vessel, rng)
    return expose(canvas.image, rng)


def draw_food(canvas: Canvas, recipe: Recipe, vessel: Vessel, rng: np.random.Generator) -> None:
    """Draw base, pieces, cover and garnish."""
    base = recipe.dish.base
    colours = _base_colours(recipe)
    room = circle() if vessel.outline == "round" else square() * (1.12, 0.88)
    draw_base(canvas, base, room, colours, rng)
    tint, sunk = colours[0], _SUNK.get(base, 0.0)
    mains = [
        piece
        for part, spots in zip(recipe.mains, places(recipe, rng), strict=True)
        for piece in pieces(part, spots, tint, sunk, rng)
    ]
    draw_pieces(canvas, [mains[i] for i in rng.permutation(len(mains))])
    draw_cover(canvas, base, rng)
    for part in recipe.garnish:
        if part.ingredient.form == "flow":
            draw_sauce(canvas, part, rng)
        elif part.ingredient.form != "none":
            count = max(3, round(CUTS[part.cut].pieces * part.amount * 0.6))
            draw_pieces(canvas, pieces(part, scattered(count, base, rng), tint, 0.0, rng))


def expose(image: Image.Image, rng: np.random.Generator) -> bytes:
    """Shrink the canvas under some light, with some blur, noise and compression."""
    small = image.reduce(OVERSAMPLING)
    if rng.random() < 0.5:
        small = small.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.8)))
    side = small.width
    light = np.asarray(small, dtype=np.float32)
    contrast = rng.uniform(0.8, 1.15)
    light = (light - 128) * contrast + 128
    warmth = rng.normal(0, 0.05)
    gain = rng.uniform(0.78, 1.15) * np.array([1 + warmth, 1.0, 1 - warmth])
    slope = rng.normal(0, 0.15, size=2)
    along = np.linspace(-1, 1, side)
    gradient = 1 + slope[0] * along[:, None] + slope[1] * along[None, :]
    noise = rng.standard_normal((side, side, 1), dtype=np.float32) * rng.uniform(1, 7)
    light = light * gain.astype(np.float32) * gradient[..., None].astype(np.float32) + noise
    file = io.BytesIO()
    exposed = Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))
    exposed.save(file, "JPEG", quality=int(rng.integers(70, 93)))
    return file.getvalue()


def _base_colours(recipe: Recipe) -> Array:
    colours = ground = palette(recipe.ground)
    if recipe.dish.base == "noodlebroth":
        colours = palette(_seasoning(recipe, "broth"))
    if recipe.ground.ingredient.name == "flour":
        colours = _SPONGE
    if recipe.dish.base == "pizza":
        colours = np.repeat(palette(recipe.seasoning[0])[:1], 2, axis=0)
    if recipe.dish.base in _UNTINTED:
        return colours
    for part in recipe.seasoning:
        share = part.ingredient.tint * min(1.0, part.amount)
        colours = colours * (1 - share) + palette(part) * share
    if recipe.dish.base == "curry":
        return np.stack([colours[0], palette(_seasoning(recipe, "rice"))[1]])
    if recipe.dish.base == "noodlebroth":
        return np.stack([colours[0], ground[1]])
    return colours


def _seasoning(recipe: Recipe, kind: str) -> Part:
    return next(part for part in recipe.seasoning if part.ingredient.name.endswith(kind))
