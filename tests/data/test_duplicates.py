import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seje.data.duplicates import between_partitions, groups


@given(numbers=st.lists(st.integers(0, 30), max_size=25), apart=st.integers(0, 2))
def test_groups_are_those_of_all_pairs(numbers, apart):
    """Numbers that are near, directly or through others; one key puts all into one place."""
    values = np.array(numbers, np.int64)
    naive: list[set[int]] = [{i} for i in range(len(values))]
    for i in range(len(values)):
        for j in range(i):
            if values[i] == values[j]:
                one, other = (next(s for s in naive if k in s) for k in (i, j))
                if one is not other:
                    naive.remove(other)
                    one |= other
    found = groups(len(values), [values // (apart + 1), values], lambda i, j: values[i] == values[j])
    assert [set(rows.tolist()) for rows in found] == sorted((s for s in naive if len(s) > 1), key=min)


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
