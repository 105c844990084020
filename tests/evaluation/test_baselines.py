import numpy as np
import pytest

from seje.evaluation.baselines import by_chance, by_group, chance
from seje.evaluation.within import UNKNOWN


def test_chance():
    assert chance(100) == {"MedR": 50.5, "R@1": 0.01, "R@5": 0.05, "R@10": 0.1}
    assert chance(4)["R@10"] == 1.0
    assert by_chance([10, 1000], 50) == {"10": chance(10), "all": chance(50)}


def test_the_group_alone_is_the_expectation_within_the_group():
    groups = np.repeat([0, 1, 2], [2, 6, 12])
    found = by_group(groups, [1000], 10, 1)["all"]
    expected = np.mean([1 / size for size in (2, 6, 12) for _ in range(size)])
    assert found["R@1"] == pytest.approx(expected, abs=0.02)
    assert found["R@10"] == pytest.approx((2 + 6 + 10) / 20, abs=0.02)


def test_one_group_is_chance():
    assert by_group(np.ones(50, np.int64), [50], 10, 1)["all"]["R@10"] == pytest.approx(0.2, abs=0.02)


def test_a_query_of_no_group_knows_nothing():
    """Ten pairs of no group are no group of ten: they are found by chance among all hundred."""
    groups = np.concatenate([np.full(10, UNKNOWN), np.repeat(np.arange(9), 10)])
    found = by_group(groups, [100], 1, 1)["all"]
    assert found["R@10"] == pytest.approx((10 * 0.1 + 90) / 100, abs=0.01)
    nobody = by_group(np.full(100, UNKNOWN), [100], 1, 1)["all"]
    assert nobody["R@10"] == pytest.approx(0.1, abs=0.02) and nobody["MedR"] == pytest.approx(50.5, abs=3)


def test_the_groups_of_a_draw_are_those_of_its_own_pairs():
    """In pools of 10 out of 100 pairs of two groups, about five candidates share the query's group."""
    found = by_group(np.repeat([0, 1], 50), [10], 20, 1)["10"]
    assert found["MedR"] == pytest.approx(3, abs=0.5)
