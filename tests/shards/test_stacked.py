"""Arrays in several files answer as one array does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.shards.stacked import Stacked

SIZES = st.lists(st.integers(0, 6), min_size=1, max_size=5).filter(sum)


@given(SIZES, st.data())
def test_every_index_gives_what_numpy_gives(sizes, data):
    whole = np.arange(sum(sizes) * 6).reshape(sum(sizes), 3, 2)
    stacked = Stacked(np.split(whole, np.cumsum(sizes)[:-1]))
    count = len(whole)
    row = data.draw(st.integers(-count, count - 1))
    start, stop = (data.draw(st.integers(-2, count + 2)) for _ in range(2))
    rows = np.array(data.draw(st.lists(st.integers(-count, count - 1), max_size=8)), np.int64)
    views = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows))), np.int64)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    many = np.stack([rows, rows[::-1]])
    assert stacked.shape == whole.shape and len(stacked) == count and stacked.dtype == whole.dtype
    plain = row, slice(start, stop), rows, mask, many
    for index in (*plain, (rows, views), (rows, 1), (slice(start, stop), 2), (many, 1)):
        np.testing.assert_array_equal(stacked[index], whole[index])
    np.testing.assert_array_equal(np.asarray(stacked), whole)


def test_a_row_that_is_not_there_is_refused():
    stacked = Stacked([np.zeros((2, 1)), np.zeros((3, 1))])
    for index in (5, -6, np.array([0, 5])):
        with pytest.raises(IndexError):
            stacked[index]
