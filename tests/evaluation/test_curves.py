import numpy as np
import pytest

from seje.evaluation.curves import category_recalls, curve_pools, pool_curve, pool_ranks, recall_curve
from seje.retrieval.protocol import PoolRanks, mean_metrics, ranked_draws


def embedded(pairs: int, noise: float) -> list[np.ndarray]:
    random = np.random.default_rng(3)
    images = random.normal(size=(pairs, 8))
    sides = images, images + noise * random.normal(size=images.shape)
    return [(side / np.linalg.norm(side, axis=1, keepdims=True)).astype(np.float32) for side in sides]


def test_recall_curve_by_hand():
    whole = PoolRanks(np.arange(4), np.array([1, 2, 4, 4]), np.array([1, 1, 1, 3]))
    assert recall_curve(whole) == [
        {"k": 1, "image_to_recipe": 0.25, "recipe_to_image": 0.75},
        {"k": 2, "image_to_recipe": 0.5, "recipe_to_image": 0.75},
        {"k": 3, "image_to_recipe": 0.5, "recipe_to_image": 1.0},
        {"k": 4, "image_to_recipe": 1.0, "recipe_to_image": 1.0},
    ]


def test_pools_of_the_curve():
    assert curve_pools(51304) == [1000, 5000, 10000, 20000, 30000, 40000, 50000, 51304]
    assert curve_pools(10000) == [1000, 5000, 10000]
    assert curve_pools(296) == [10, 20, 50, 100, 200, 296]
    assert curve_pools(3) == [3]


def test_the_curve_is_that_of_real_draws():
    images, recipes = embedded(300, 1.0)
    (whole,) = ranked_draws(images, recipes, 300, 1, 0)
    for point in pool_curve(whole, 500, 1):
        real = mean_metrics(ranked_draws(images, recipes, point["pool"], 500, 2))
        for way, found in real.items():
            assert point[way] == pytest.approx(found["MedR"], rel=0.03, abs=0.1)


def test_ranks_in_a_pool_by_hand():
    random = np.random.default_rng(0)
    drawn = np.stack([pool_ranks(np.array([1, 2, 3]), 2, random) for _ in range(4000)])
    # One other of two: none is nearer than the first, the nearer one comes half the time, both always.
    assert drawn.mean(axis=0) == pytest.approx([1, 1.5, 2], abs=0.03)
    assert pool_ranks(np.array([1, 3, 2]), 3, random).tolist() == [1, 3, 2]
    assert pool_ranks(np.array([1, 3, 2]), 1, random).tolist() == [1, 1, 1]


def test_categories_by_hand():
    whole = PoolRanks(np.arange(4), np.array([1, 2, 9, 3]), np.array([1, 1, 6, 20]))
    soup, cake = category_recalls(whole, np.array([2, 2, 1, 2]), ["background", "soup", "cake"])
    assert (soup["category"], soup["pairs"], soup["image_to_recipe_MedR"]) == ("soup", 1, 9)
    assert (cake["category"], cake["pairs"]) == ("cake", 3)
    assert (cake["image_to_recipe_MedR"], cake["image_to_recipe_R@1"]) == (2, pytest.approx(1 / 3))
    assert (cake["recipe_to_image_R@5"], cake["recipe_to_image_R@10"]) == (pytest.approx(2 / 3),) * 2
