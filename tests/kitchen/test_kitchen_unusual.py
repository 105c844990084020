import numpy as np
import pytest

from seje.keyterms.reexamination import line_entity
from seje.keyterms.tagging import Verdict
from seje.kitchen.ingredients import INGREDIENTS
from seje.kitchen.lines import plural
from seje.kitchen.recipes import draw_dish, draw_recipe
from seje.kitchen.records import record
from seje.kitchen.unusual import ingredient_lines, misspelt, unusual_line, with_heading
from seje.text.tokens import entity_token, tokens
from seje.vocabulary.lexicon import Lexicon


def drawn(count):
    for number in range(count):
        rng = np.random.default_rng([7, number])
        recipe = draw_recipe(draw_dish(rng), rng)
        yield recipe, rng


def test_four_to_six_lines_in_a_hundred_are_false_and_the_others_are_named():
    valid = []
    for number in range(1500):
        made = record(9, number, None)
        flags, names = made.det_ingrs["valid"], made.det_ingrs["ingredients"]
        valid += flags
        for flag, name, line in zip(flags, names, made.layer1["ingredients"], strict=True):
            assert (name != line or len(line["text"].split()) < 4) if flag else name == line
            assert name["text"] in line["text"]
    assert 0.94 < np.mean(valid) < 0.96


def test_a_false_line_has_no_ordinary_form():
    unusual, ordinary = [], []
    for recipe, rng in drawn(400):
        for line in with_heading(ingredient_lines(recipe.parts, rng), rng):
            (ordinary if line.valid else unusual).append(line.text)
    assert not set(unusual) & set(ordinary)
    assert len(unusual) > 100


def test_most_false_lines_give_their_ingredient_when_reexamined_and_a_minority_none():
    names = {entity_token(form) for name in INGREDIENTS for form in (name, plural(name))}
    known = Lexicon(sorted(names))
    found = {"right": 0, "wrong": 0, "lost": 0}
    for recipe, rng in drawn(1500):
        for line in with_heading(ingredient_lines(recipe.parts, rng), rng):
            if not line.valid:
                entity = line_entity(tokens(line.text), Verdict((), False), known)
                right = bool(line.entity) and entity.entity == entity_token(line.entity)
                found["right" if right else entity.found.replace("reexamined", "wrong")] += 1
    total = sum(found.values())
    assert found["right"] > 0.65 * total
    assert 0.1 * total < found["lost"] < 0.35 * total
    assert found["wrong"] < 0.1 * total


def test_unusual_lines_vary_and_leave_the_cut_to_the_instructions():
    lines = [unusual_line(recipe.parts[0], rng) for recipe, rng in drawn(200)]
    assert len({line.text for line in lines}) > 120
    assert not any(line.cut or line.valid for line in lines)


@pytest.mark.parametrize("name", [*INGREDIENTS, "egg"])
def test_misspelt_is_another_word_as_long_or_one_shorter(name):
    for number in range(5):
        wrong = misspelt(name, np.random.default_rng(number))
        assert wrong != name
        assert 0 <= len(name) - len(wrong) <= 1
        assert not set(wrong) - set(name)


def test_a_heading_is_one_more_line_and_never_the_first():
    changed = 0
    for recipe, rng in drawn(300):
        lines = ingredient_lines(recipe.parts, rng)
        listed = with_heading(lines, rng)
        assert listed[0] == lines[0]
        assert [line for line in listed if line.entity] == lines
        changed += len(listed) - len(lines)
    assert 5 < changed < 45
