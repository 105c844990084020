import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.evaluation.within import UNKNOWN, numbered, within_groups
from seje.retrieval.protocol import rank_pools


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def naive(queries: np.ndarray, items: np.ndarray, groups: np.ndarray) -> list[int]:
    """Place of each match among the candidates of its group, behind all that are as near."""
    found = []
    for i, query in enumerate(queries):
        mine = [j for j in range(len(items)) if groups[i] == UNKNOWN or groups[j] == groups[i]]
        found.append(
            1 + sum(float(query @ items[j]) >= float(query @ items[i]) - 1e-6 for j in mine if j != i)
        )
    return found


@given(pairs=st.integers(2, 25), kinds=st.integers(1, 25), groups=st.integers(1, 5), seed=st.integers(0, 999))
def test_ranks_are_those_of_a_loop_over_the_group(pairs, kinds, groups, seed):
    random = np.random.default_rng(seed)
    images, recipes = (unit(random.normal(size=(kinds, 4)))[random.integers(kinds, size=pairs)] for _ in "ab")
    of = random.integers(UNKNOWN, groups, size=pairs)
    ranked = rank_pools(images, recipes, [max(2, pairs // 2)], 3, seed)
    for pool, drawn in within_groups(images, recipes, of, ranked).items():
        for draw, before in zip(drawn, ranked[pool], strict=True):
            rows = draw.rows
            assert (rows == before.rows).all()
            assert draw.image_to_recipe.tolist() == naive(images[rows], recipes[rows], of[rows])
            assert draw.recipe_to_image.tolist() == naive(recipes[rows], images[rows], of[rows])


def test_one_group_changes_nothing_and_groups_of_one_are_found_at_once():
    random = np.random.default_rng(0)
    images, recipes = (unit(random.normal(size=(30, 4))) for _ in "ab")
    ranked = rank_pools(images, recipes, [30], 1, 0)
    (same,) = within_groups(images, recipes, np.zeros(30, np.int64), ranked)[30]
    assert (same.image_to_recipe == ranked[30][0].image_to_recipe).all()
    (alone,) = within_groups(images, recipes, np.arange(30), ranked)[30]
    assert set(alone.image_to_recipe.tolist()) == {1}


def test_groups_are_numbered_by_name():
    assert numbered(["b.org", None, "a.org", "b.org"]).tolist() == [1, UNKNOWN, 0, 1]
    assert numbered([None, None]).tolist() == [UNKNOWN] * 2
    assert numbered([]).dtype == np.int64


def test_a_style_that_tells_the_source_is_worth_nothing_within_it():
    """Vectors that are the source and nothing else: far better than chance among all, chance within."""
    random = np.random.default_rng(1)
    groups = np.repeat(np.arange(20), 5)
    style = unit(random.normal(size=(20, 16)))[groups]
    images, recipes = (unit(style + 1e-3 * random.normal(size=style.shape)) for _ in "ab")
    ranked = rank_pools(images, recipes, [100], 1, 0)
    within = within_groups(images, recipes, groups, ranked)[100][0].image_to_recipe
    assert np.median(ranked[100][0].image_to_recipe) <= 5
    assert np.mean(within) == pytest.approx(3, abs=0.5)
