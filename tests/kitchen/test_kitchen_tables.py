import numpy as np
import pytest

from seje.kitchen.cuts import COOKING, CUTS, shape
from seje.kitchen.dishes import DISHES, draws
from seje.kitchen.ingredients import INGREDIENTS
from seje.kitchen.pieces import outline
from seje.kitchen.pools import POOLS
from seje.kitchen.records import record
from seje.kitchen.setting import VESSELS
from seje.kitchen.steps import COOK, PLANS, STEPS, UTENSILS
from seje.kitchen.vocabulary import ACTIONS, TOOLS


def test_tables_are_large_enough():
    assert len(DISHES) >= 25
    assert len(INGREDIENTS) >= 120
    assert len(ACTIONS) >= 25
    assert len(TOOLS) >= 15


def test_dish_names_are_two_words_and_share_last_words():
    names = [dish.name.split() for dish in DISHES]
    assert all(len(name) == 2 for name in names)
    assert len({name[1] for name in names}) < len(names)


@pytest.mark.parametrize("dish", DISHES, ids=lambda dish: dish.name)
def test_dish_refers_to_what_there_is(dish):
    named = {name for field in dish[7:] for names, _, _ in draws(field) for name in names}
    assert named <= set(INGREDIENTS)
    assert set(dish.vessels.split(", ")) <= set(VESSELS)
    assert set(dish.cooking.split(", ")) <= set(COOKING) & set(COOK)
    assert len(dish.vessels.split(", ")) >= 4
    assert {step.rstrip("?") for step in PLANS[dish.plan].split()} <= set(STEPS) | {"prep", "first", "cook"}
    assert len([name for names, _, _ in draws(dish.mains) for name in names]) >= 8


def test_every_ingredient_has_colours_and_cuts():
    for ingredient in INGREDIENTS.values():
        assert len(ingredient.colours) == 2
        assert set(ingredient.cuts) <= set(CUTS)
        for cut in ingredient.cuts:
            assert np.abs(outline(shape(cut, ingredient.form))).max() <= 1.2


def test_every_ingredient_is_used():
    used = {name for names in POOLS.values() for name in names.split(", ")}
    used |= {name for dish in DISHES for field in dish[7:] for names, _, _ in draws(field) for name in names}
    assert set(INGREDIENTS) == used


@pytest.mark.parametrize("plan", PLANS)
def test_a_step_that_is_never_left_out_names_the_vessel(plan):
    steps = [STEPS[step] for step in PLANS[plan].split() if step in STEPS]
    assert any(all("vessel}" in sentence for sentence in sentences) for sentences in steps)


def test_actions_and_tools_come_from_the_sentences():
    verbs = {cut.verb for cut in CUTS.values()} | {cut.participle for cut in CUTS.values()}
    sentences = [s for group in (*STEPS.values(), *COOK.values(), *UTENSILS.values()) for s in group]
    text = " ".join([*sentences, *verbs, "with a sharp knife on a cutting board"]).lower()
    assert [word for word in (*ACTIONS, *TOOLS) if word.lower() not in text] == []


def test_instructions_are_three_to_nine_sentences_without_open_slots():
    for number in range(60):
        texts = [line["text"] for line in record(5, number, 32).layer1["instructions"]]
        assert 3 <= len(texts) <= 9
        assert all(text and "{" not in text and "  " not in text for text in texts)
