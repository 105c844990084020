"""What an index folder holds: recipes with their first photos, photos with their recipes or none."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some

from seje.index.contents import NONE, asking, photo_table, recipe_table, searcher

IDS = ["a", "b", "c", "d"]


@given(some.lists(some.integers(NONE, len(IDS) - 1)))
def test_recipes_and_photos_point_at_each_other(of):
    photos_of = np.array(of, np.int64)
    recipes = recipe_table(pa.table({"id": IDS}), photos_of)
    photos = photo_table([f"{row}.jpg" for row in range(len(of))], photos_of, recipes["id"])
    assert recipes["first"].to_pylist() == [of.index(row) if row in of else None for row in range(len(IDS))]
    assert photos["recipe"].to_pylist() == [None if row == NONE else IDS[row] for row in of]
    assert photos["item"].to_pylist() == of


@pytest.mark.parametrize(("count", "others"), [(0, 9), (9, 0), (600, 1200)])
def test_one_side_may_be_empty(count, others):
    random = np.random.default_rng(0)
    vectors, queries = (random.normal(size=(rows, 8)).astype(np.float32) for rows in (count, others))
    built, measured = searcher(vectors, asking(vectors, queries), "auto")
    assert len(built) == count and measured["kind"] == "flat" and measured["recall@10"] >= 0.95
