import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.retrieval.protocol import (
    draws,
    estimates,
    evaluate,
    figures,
    mean_metrics,
    pool_name,
    pool_sizes,
    rank_pools,
    ranked_draws,
    retrieval_metrics,
)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def naive(queries: np.ndarray, items: np.ndarray) -> list[int]:
    """Places of the true matches in a full sort, behind all that are as near."""
    found = []
    for i, query in enumerate(queries.tolist()):
        near = [sum(a * b for a, b in zip(query, item, strict=True)) for item in items.tolist()]
        order = sorted(range(len(items)), key=lambda j: (-near[j], j == i))
        found.append(order.index(i) + 1)
    return found


def test_measures_by_hand():
    assert retrieval_metrics(np.array([1, 2, 6, 11])) == {"MedR": 4.0, "R@1": 0.25, "R@5": 0.5, "R@10": 0.75}


def test_three_pairs_by_hand():
    """Angles 0, 10, 100 of photos and 0, 60, 90 of recipes: who is nearest can be read off a circle."""
    images, recipes = (
        np.array([(np.cos(a), np.sin(a)) for a in np.radians(angles)], np.float32)
        for angles in ((0, 10, 100), (0, 60, 90))
    )
    found = mean_metrics(ranked_draws(images, recipes, 3, 1, 0))
    # Photos: 0 finds 0 first; 10 is nearer to 0 than to its 60; 100 finds 90 first.
    assert found["image_to_recipe"] == {"MedR": 1.0, "R@1": pytest.approx(2 / 3), "R@5": 1.0, "R@10": 1.0}
    # Recipes: 0 finds 0; 60 has 100 at 40 degrees, before its 10 at 50; 90 finds 100.
    assert found["recipe_to_image"] == {"MedR": 1.0, "R@1": pytest.approx(2 / 3), "R@5": 1.0, "R@10": 1.0}


def test_draws_are_seeded_without_replacement_and_differ():
    first, second = list(draws(100, 30, 2, 7)), list(draws(100, 30, 2, 7))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    assert all(len(set(rows.tolist())) == 30 for rows in first)
    assert set(first[0].tolist()) != set(first[1].tolist())


def test_pools_are_named_and_end_with_the_whole_set():
    assert [pool_name(pool, 51304) for pool in (1000, 10000, 297, 1500)] == ["1k", "10k", "297", "1500"]
    assert pool_name(51304, 51304) == pool_name(1000, 1000) == pool_name(297, 297) == "all"
    assert pool_sizes([1000, 10000], 297) == [297]
    assert pool_sizes([1000, 10000], 2500) == [1000, 2500]
    assert pool_sizes([1000], 1000) == [1000]
    assert pool_sizes([10], 51304) == [10, 51304]


@given(pairs=st.integers(1, 20), kinds=st.integers(1, 20), pool=st.integers(2, 30), seed=st.integers(0, 999))
def test_measures_are_those_of_a_naive_sort(pairs, kinds, pool, seed):
    """With duplicates (fewer kinds than pairs), constants, one pair, and pools larger than the set."""
    random = np.random.default_rng(seed)
    images, recipes = (unit(random.normal(size=(kinds, 4)))[random.integers(kinds, size=pairs)] for _ in "ab")
    found = mean_metrics(ranked_draws(images, recipes, pool, 3, seed))
    both = {"image_to_recipe": (images, recipes), "recipe_to_image": (recipes, images)}
    for direction, (queries, items) in both.items():
        each = [naive(queries[rows], items[rows]) for rows in draws(pairs, pool, 3, seed)]
        assert found[direction]["MedR"] == pytest.approx(np.mean([np.median(one) for one in each]))
        for k in (1, 5, 10):
            expected = np.mean([sum(rank <= k for rank in one) / len(one) for one in each])
            assert found[direction][f"R@{k}"] == pytest.approx(expected)


def test_deviation_is_that_over_draws():
    random = np.random.default_rng(0)
    images, recipes = (unit(random.normal(size=(60, 4))) for _ in "ab")
    drawn = ranked_draws(images, recipes, 20, 10, 5)
    medians = [np.median(naive(images[draw.rows], recipes[draw.rows])) for draw in drawn]
    found = estimates(drawn, 60)["image_to_recipe"]["MedR"]
    assert (found.mean, found.std) == (pytest.approx(np.mean(medians)), pytest.approx(np.std(medians)))
    assert found.low <= found.mean <= found.high


def test_constant_embeddings_score_worse_than_chance():
    constant = unit(np.ones((40, 8)))
    found = evaluate(rank_pools(constant, constant, [10], 4, 0))
    assert {pool: ways["image_to_recipe"]["MedR"].mean for pool, ways in found.items()} == {
        "10": 10,
        "all": 40,
    }
    assert found["all"]["recipe_to_image"]["R@10"].mean == 0


def test_figures_keep_the_spread_apart():
    vectors = unit(np.random.default_rng(0).normal(size=(30, 8)))
    found = figures(evaluate(rank_pools(vectors, vectors, [10], 3, 0)))
    assert found["10"]["image_to_recipe"] == {"MedR": 1, "R@1": 1, "R@5": 1, "R@10": 1}
    assert found["spread"]["10"]["recipe_to_image"]["R@1"] == {"std": 0, "low": 1, "high": 1}
