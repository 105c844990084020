"""Recipes of a file: what can be read, each with its id, and what cannot, with its place and the reason."""

import json

import pytest

from seje.errors import SejeError
from seje.model.recipe_encoder import RecipeText
from seje.search.recipe_file import recipes_in


def test_what_cannot_be_used_is_set_aside_with_its_place(tmp_path):
    lines = [
        '{"id": "a", "title": "Soup", "ingredients": [{"text": "1 onion"}]}',
        '{"title": "Salad"',
        '{"id": 12, "name": "Cake", "recipeInstructions": "Bake."}',
        '{"title": "Without an id"}',
        '{"id": "e"}',
        '{"id": "f", "title": " "}',
        '{"id": 9007199254740993, "title": "x"}',
        '{"id": ["g"], "title": "x"}',
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(lines))
    left_out = []
    assert list(recipes_in(tmp_path / "r.jsonl", left_out)) == [
        ("a", RecipeText("Soup", ["1 onion"])),
        ("12", RecipeText("Cake", [], ["Bake."])),
        ("4", RecipeText("Without an id")),
    ]
    assert [tuple(one) for one in left_out] == [
        ("record 2", "broken JSON"),
        ("record 5", "needs an object with a title, ingredients or instructions"),
        ("record 6", "holds no text"),
        ("record 7", "its id is neither a text nor a whole number"),
        ("record 8", "its id is neither a text nor a whole number"),
    ]


def test_an_array_is_read_too(tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(["Greek salad", {"title": "Soup"}]))
    found = list(recipes_in(tmp_path / "r.json", []))
    assert found == [("1", RecipeText("Greek salad")), ("2", RecipeText("Soup"))]


def test_another_file_is_refused(tmp_path):
    (tmp_path / "r.txt").write_text("Soup")
    with pytest.raises(SejeError, match="needs a JSON array of records, or JSON Lines"):
        list(recipes_in(tmp_path / "r.txt", []))
