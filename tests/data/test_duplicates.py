import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seje.data.duplicates import REACH, between_partitions, groups, repeating_test, without


@given(numbers=st.lists(st.integers(0, 30), max_size=25), apart=st.integers(0, 2))
def test_groups_are_those_of_all_pairs(numbers, apart):
    """Numbers that are near, directly or through others; one key puts all into one place."""
    values = np.array(numbers, np.int64)
    naive: list[set[int]] = [{i} for i in range(len(values))]
    for i in range(len(values)):
        for j in range(i):
            if abs(values[i] - values[j]) <= 1 and values[i] // (apart + 1) == values[j] // (apart + 1):
                one, other = (next(s for s in naive if k in s) for k in (i, j))
                if one is not other:
                    naive.remove(other)
                    one |= other
    found = groups(len(values), [values // (apart + 1)], lambda i, j: abs(values[i] - values[j]) <= 1)
    assert [set(rows.tolist()) for rows in found] == sorted((s for s in naive if len(s) > 1), key=min)


def test_all_members_of_a_bucket_are_compared():
    values = np.array([5, 7, 7, 1, 5])
    found = groups(5, [np.zeros(5)], lambda i, j: values[i] == values[j])
    assert [rows.tolist() for rows in found] == [[0, 4], [1, 2]]


def test_a_bucket_of_thousands_costs_a_bounded_number_of_comparisons():
    count, compared = 5000, []
    values = np.arange(count)
    values[1001] = values[1000]

    def same(left, right):
        compared.append(len(left))
        return values[left] == values[right]

    (pair,) = groups(count, [np.zeros(count)], same)
    assert pair.tolist() == [1000, 1001]
    assert sum(compared) <= count * REACH
    compared.clear()
    (everyone,) = groups(count, [np.zeros(count)] * 9, lambda i, j: same(i, j) | True)
    assert len(everyone) == count and sum(compared) <= 3 * count  # what is linked is not compared again


def test_what_is_left_without_some():
    found = [np.array([0, 3]), np.array([1, 2, 5])]
    assert [rows.tolist() for rows in without(found, np.array([3, 5]), 6)] == [[1, 2]]
    partitions = np.array(["train", "val", "test", "test", "train", "train"])
    assert repeating_test(found, partitions).tolist() == [0, 1, 5]
    assert repeating_test([], partitions).tolist() == []


def test_groups_go_through_others():
    keys = [np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])]
    (found,) = groups(4, keys, lambda i, j: np.ones(len(i), bool))
    assert found.tolist() == [0, 1, 2]


def test_what_is_compared_need_not_be_the_same():
    assert groups(3, [np.zeros(3)], lambda i, j: np.zeros(len(i), bool)) == []


def test_between_partitions_by_hand():
    partitions = np.array(["train", "test", "val", "train", "train", "val"])
    found = [np.array([0, 1, 2]), np.array([3, 4])]
    counts = {"all": 5, "groups": 2, "train_val": 1, "train_test": 1, "val_test": 1}
    assert between_partitions(found, partitions) == counts
