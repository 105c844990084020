from itertools import combinations

import numpy as np
import pytest

from seje.data.recipe_text import TEXT
from seje.data.recipe_views import ASKED, SHOWN, VIEWS, WHOLE, rest, seen, view

RECIPE = {"title": "Pie", "ingredients": ["apples"], "instructions": ["Bake."]}
SUBSETS = [parts for size in (1, 2, 3) for parts in combinations(TEXT, size)]


def test_there_is_a_view_of_each_set_of_parts_and_the_first_shows_all():
    assert sorted(view(*parts) for parts in SUBSETS) == list(range(VIEWS)) and WHOLE == 0
    assert SHOWN[ASKED["no_instructions"]].tolist() == [True, True, False]


@pytest.mark.parametrize("parts", SUBSETS)
def test_what_a_view_hides_is_empty(parts):
    found = seen(RECIPE, view(*parts))
    assert list(found) == TEXT
    assert {part for part in TEXT if found[part]} == set(parts)
    assert all(found[part] == RECIPE[part] for part in parts)


def test_the_rest_of_a_view_is_what_it_hides():
    assert rest(np.array([WHOLE])).tolist() == [WHOLE]
    for number in range(1, VIEWS):
        (other,) = rest(np.array([number]))
        assert (SHOWN[other] == ~SHOWN[number]).all()
