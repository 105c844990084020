import re

import numpy as np
import pytest

from seje.kitchen.cuts import CUTS
from seje.kitchen.dishes import DISHES
from seje.kitchen.instructions import instructions
from seje.kitchen.lines import ingredient_line, plural, title
from seje.kitchen.recipes import draw_dish, draw_recipe


def drawn(count):
    for number in range(count):
        rng = np.random.default_rng([11, number])
        recipe = draw_recipe(draw_dish(rng), rng)
        lines = [ingredient_line(part, rng) for part in recipe.parts]
        yield recipe, lines, instructions(recipe, lines, rng), title(recipe, rng)


@pytest.mark.parametrize(
    ("name", "several"),
    [
        ("tomato", "tomatoes"),
        ("avocado", "avocados"),
        ("cherry", "cherries"),
        ("peach", "peaches"),
        ("egg", "eggs"),
    ],
)
def test_plural(name, several):
    assert plural(name) == several


def test_every_line_contains_its_entity():
    for recipe, lines, _, _ in drawn(200):
        assert len(lines) == len(recipe.parts)
        for part, line in zip(recipe.parts, lines, strict=True):
            assert line.entity in line.text
            assert line.entity.split()[0] == part.ingredient.name.split()[0] or len(line.entity.split()) == 1


def test_no_ingredient_twice():
    for recipe, _, _, _ in drawn(200):
        names = [part.ingredient.name for part in recipe.parts]
        assert len(names) == len(set(names))


def test_instructions_mention_the_mains_by_head_noun_and_say_how_they_are_cut():
    for recipe, lines, sentences, _ in drawn(200):
        text = " ".join(sentences).lower()
        for part, line in zip(recipe.parts, lines, strict=True):
            cut = CUTS[part.cut]
            if part in recipe.mains and cut.participle:
                # "tomato" is in "tomatoes"; -y becomes -ies.
                head = part.ingredient.name.split()[-1].rstrip("y")
                assert cut.participle in line.text or (cut.verb in text and head in text)


def test_title_contains_the_dish():
    for recipe, _, _, text in drawn(200):
        assert recipe.dish.name in text.lower()


def test_the_vessel_is_named_with_its_preposition():
    for recipe, _, sentences, _ in drawn(300):
        text = " ".join(sentences)
        assert recipe.vessel in text
        assert not re.search(r"\b(in|into) a (\w+ plate|wooden board|baking tray)", text)
        assert not re.search(r"\b(on|onto) a (\w+ bowl|soup pot|casserole|pie tin|baking dish|skillet)", text)


def test_titles_vary():
    assert len({text for *_, text in drawn(200)}) > 120


def test_neighbouring_recipes_differ_by_an_ingredient_or_two():
    rng = np.random.default_rng(3)
    mains = [{p.ingredient.name for p in draw_recipe(DISHES[0], rng).mains} for _ in range(80)]
    nearest = [min(len(a ^ b) for b in mains[:i] + mains[i + 1 :]) for i, a in enumerate(mains)]
    assert 1 <= np.median(nearest) <= 4


def test_lines_use_fractions_ranges_and_units():
    text = " ".join(line.text for _, lines, _, _ in drawn(200) for line in lines)
    assert all(sign in text for sign in ("\u00bd", "1/2", "3-4", "to taste", "(optional)", " cup", "diced"))
