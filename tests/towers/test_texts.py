"""The text of a batch's recipes: each distinct line once, hidden parts not at all."""

import numpy as np
import pyarrow as pa
import pytest

from seje.data.recipe_views import SHOWN, WHOLE, view
from seje.towers.texts import Texts

RECIPES = [
    {"title": "Red soup", "ingredients": ["1 beet", "salt"], "instructions": ["Boil.", "Add salt."]},
    {"title": "", "ingredients": None, "instructions": ["Stir.", " ", "Boil.", "Stir."]},
    {"title": "Rice", "ingredients": ["salt", "rice", "salt"], "instructions": []},
]


def texts(folder, *read, size=2) -> Texts:
    batches = [pa.RecordBatch.from_pylist(RECIPES[start : start + size]) for start in range(0, 3, size)]
    return Texts(batches, folder, read)


def spelled(numbered, numbers) -> list[list[str]]:
    table, lengths = numbers
    words = ["-", *numbered.texts]
    rows = zip(table.tolist(), lengths.tolist(), strict=True)
    assert all(not any(row[length:]) for row, length in zip(table.tolist(), lengths.tolist(), strict=True))
    return [[words[number] for number in row[:length]] for row, length in rows]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_distinct_lines_are_numbered_once_and_all_is_there(tmp_path, size):
    found = texts(tmp_path, True, True, True, size=size).numbered(np.array([1, 2, 0]), SHOWN[[WHOLE] * 3])
    assert len(found.texts) == len(set(found.texts)) == 8 and "" not in found.texts
    assert spelled(found, found.instructions) == [
        ["Stir.", "-", "Boil.", "Stir."],
        [],
        ["Boil.", "Add salt."],
    ]
    assert found.lines
    above = [["-"], ["Rice", "salt", "rice", "salt"], ["Red soup", "1 beet", "salt"]]
    assert spelled(found, found.lines) == above


def test_hidden_parts_are_not_read(tmp_path):
    views = [view("ingredients"), view("instructions"), view("title")]
    found = texts(tmp_path, True, True, True).numbered(np.array([0, 1, 2]), SHOWN[views])
    assert found.texts == ["1 beet", "salt", "Stir.", "Boil.", "Rice"]
    assert found.lines and spelled(found, found.lines) == [["-", "1 beet", "salt"], ["-"], ["Rice"]]
    assert spelled(found, found.instructions) == [[], ["Stir.", "-", "Boil.", "Stir."], []]


def test_what_no_tower_reads_is_not_read(tmp_path):
    found = texts(tmp_path, False, False, True).numbered(np.array([0, 2]), SHOWN[[WHOLE] * 2])
    assert found.texts == ["Boil.", "Add salt."] and found.lines is None
    found = texts(tmp_path, True, True, False).numbered(np.array([0]), SHOWN[[WHOLE]])
    assert found.texts == ["Red soup", "1 beet", "salt"] and not found.instructions[1].any()


def test_nothing_is_left_in_the_folder_and_the_text_can_still_be_read(tmp_path):
    made = texts(tmp_path, True, True, True)
    assert not list(tmp_path.iterdir()) and made[2]["title"] == "Rice"
