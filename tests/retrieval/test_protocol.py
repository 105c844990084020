import numpy as np
import pytest

from seje.retrieval.protocol import draws, evaluate, measures, pool_name, pool_sizes


def test_measures_by_hand():
    assert measures(np.array([1, 2, 6, 11])) == {"MedR": 4.0, "R@1": 0.25, "R@5": 0.5, "R@10": 0.75}


def test_draws_are_seeded_without_replacement_and_differ():
    first, second = list(draws(100, 30, 2, 7)), list(draws(100, 30, 2, 7))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    assert all(len(set(rows.tolist())) == 30 for rows in first)
    assert set(first[0].tolist()) != set(first[1].tolist())


def test_pools_are_named_and_cut_to_the_set():
    assert [pool_name(pool) for pool in (1000, 10000, 297, 1500)] == ["1k", "10k", "297", "1500"]
    assert pool_sizes([1000, 10000], 297) == [297]
    assert pool_sizes([1000, 10000], 2500) == [1000, 2500]


def test_median_is_the_mean_of_the_medians_of_the_draws():
    random = np.random.default_rng(0)
    images, recipes = (random.normal(size=(60, 4)).astype(np.float32) for _ in "ab")
    found = evaluate(images, recipes, [20], 10, 5)["20"]["image_to_recipe"]
    medians = []
    for rows in draws(60, 20, 10, 5):
        similarity = images[rows] @ recipes[rows].T
        medians.append(np.median([1 + sum(row > row[i]) for i, row in enumerate(similarity)]))
    assert found["MedR"] == pytest.approx(np.mean(medians))
