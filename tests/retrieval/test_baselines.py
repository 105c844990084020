import numpy as np
import pytest

from seje.retrieval.baselines import baselines, chance


def test_chance():
    assert chance(100) == {"MedR": 50.5, "R@1": 0.01, "R@5": 0.05, "R@10": 0.1}
    assert chance(4)["R@10"] == 1.0


def test_category_only_is_the_expectation_within_the_category():
    categories = np.repeat([0, 1, 2], [2, 6, 12])
    found = baselines(categories, [1000], 10, 1)["category"]["20"]
    expected = np.mean([1 / size for size in (2, 6, 12) for _ in range(size)])
    assert found["R@1"] == pytest.approx(expected, abs=0.02)
    assert found["R@10"] == pytest.approx((2 + 6 + 10) / 20, abs=0.02)


def test_one_category_is_chance():
    found = baselines(np.ones(50, np.int64), [50], 10, 1)
    assert found["category"]["50"]["R@10"] == pytest.approx(found["chance"]["50"]["R@10"], abs=0.02)
