import json
import re
import tracemalloc

import pytest

from seje.corpus.recipe1m import read_recipes
from seje.data.records import Limits, Rejected
from seje.kitchen.broken import TEXT_KINDS
from seje.kitchen.raw_files import LAYERS, Shots, write_kitchen
from seje.kitchen.records import order

RECIPES = 150


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    return folder, write_kitchen(folder, RECIPES, 0.2, None, 5, 1)


def test_there_are_the_layers_and_nothing_else(text):
    folder, summary = text
    names = {"planted.json", *(f"recipe1m/{layer}.json" for layer in LAYERS)}
    assert set(tree(folder)) == names
    assert (summary.photos, summary.labelled_photos) == (0, 0)
    assert json.loads((folder / "recipe1m/layer2.json").read_text()) == []


def test_the_reader_takes_it_and_finds_what_was_planted(text):
    folder, summary = text
    read = list(read_recipes(folder / "recipe1m", Limits(50, 50)))
    recipes = [record[1] for record in read if isinstance(record, tuple)]
    planted = json.loads((folder / "planted.json").read_text())
    assert planted == summary.planted
    assert set(planted) == {*TEXT_KINDS, "copied recipe"} and sum(planted.values()) == 33
    assert len(recipes) == RECIPES + planted["det_ingrs of other length"] + planted["copied recipe"]
    set_aside = [one for one in read if isinstance(one, Rejected) and one.layer == "layer1"]
    assert len(recipes) + len(set_aside) == RECIPES + 33
    assert not any(recipe.photos for recipe in recipes)


def test_mean_of_ingredients_is_that_of_the_file(text):
    folder, summary = text
    rows = json.loads((folder / "recipe1m/layer1.json").read_text())
    lengths = [len(row["ingredients"]) for row in rows if isinstance(row["ingredients"], list)]
    assert summary.mean_ingredients == pytest.approx(sum(lengths) / len(lengths))


def test_same_bytes_whatever_the_number_of_processes(text, tmp_path):
    write_kitchen(tmp_path, RECIPES, 0.2, None, 5, 3)
    assert tree(tmp_path) == tree(text[0])


def test_recipes_are_those_of_a_kitchen_with_photos(text, tmp_path):
    write_kitchen(tmp_path, 40, 0.0, Shots(32, 1, 1), 5, 1)
    drawn, alone = (
        (folder / "recipe1m/layer1.json").read_text().replace(",\n", "\n").splitlines()
        for folder in (tmp_path, text[0])
    )
    assert len(drawn) == 42 and set(drawn) <= set(alone)


@pytest.mark.parametrize(("recipes", "broken"), [(40, 0), (40, 1), (41, 7), (50, 50)])
def test_every_number_comes_once_and_broken_ones_lie_among_the_good(recipes, broken):
    found = list(order(3, recipes, broken, ["a", "b", "c"]))
    assert sorted(number for number, _ in found) == list(range(recipes + broken))
    assert [kind for _, kind in found if kind] == (["a", "b", "c"] * 20)[:broken]
    assert all((number >= recipes) == (kind != "") for number, kind in found)
    good = [number for number, kind in found if not kind]
    assert good == sorted(good) and found[0] == (0, "")


def test_memory_does_not_grow_with_the_recipes(tmp_path):
    """What it holds at its most is little beside what it writes, and no more for twice the recipes."""
    write_kitchen(tmp_path / "warm", 50, 0.0, None, 1, 1)  # what is made once for all kitchens
    most = []
    for recipes in (1000, 2000):
        tracemalloc.start()
        write_kitchen(tmp_path / str(recipes), recipes, 0.0, None, 1, 1)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    size = (tmp_path / "2000/recipe1m/layer1.json").stat().st_size
    assert most[1] - most[0] < size / 20


def test_rows_are_one_in_a_line(text):
    lines = (text[0] / "recipe1m/layer1.json").read_text().splitlines()
    assert (lines[0], lines[-1]) == ("[", "]")
    assert all(re.fullmatch(r"\{.*\},?", line) for line in lines[1:-1])
