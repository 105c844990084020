import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seje.errors import SejeError
from seje.joint.collapse import COLLAPSED, mean_pairwise_distance


@given(arrays(np.float32, st.tuples(st.integers(2, 6), st.just(3)), elements=st.floats(0.125, 4, width=32)))
def test_the_distance_is_the_naive_loop(vectors):
    unit = [row / np.linalg.norm(row) for row in vectors.astype(float)]
    apart = [1 - a @ b for i, a in enumerate(unit) for j, b in enumerate(unit) if i != j]
    assert mean_pairwise_distance(vectors) == pytest.approx(np.mean(apart), abs=1e-9)


def test_one_point_is_collapsed_and_directions_are_not():
    random = np.random.default_rng(0)
    directions = random.normal(size=(200, 32)).astype(np.float32)
    assert mean_pairwise_distance(directions) == pytest.approx(1, abs=0.05)
    assert mean_pairwise_distance(np.ones((200, 32)) + 1e-3 * directions) < COLLAPSED
    assert mean_pairwise_distance(directions[:1]) == 1


def test_rows_of_zeros_are_one_with_each_other_and_apart_from_the_rest():
    zeros = np.zeros((3, 4), np.float32)
    assert mean_pairwise_distance(zeros) == 0 < COLLAPSED
    assert mean_pairwise_distance(np.concatenate([zeros[:2], np.eye(4)[:1]])) == pytest.approx(2 / 3)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(odd):
    vectors = np.ones((3, 4))
    vectors[1, 2] = odd
    with pytest.raises(SejeError, match=r"1 of 3 embeddings are not finite \(the first: row 1\)"):
        mean_pairwise_distance(vectors)
