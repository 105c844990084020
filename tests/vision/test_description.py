import numpy as np
import pytest

from seje.vision.description import Descriptions, is_told

TABLE = np.array([[1, 0], [0, 2], [0, 0]], np.float32)
BATCH = Descriptions(
    np.zeros((2, 1, 4), np.float16), np.array([[0.25, 0.5, 0.25], [0.6, 0.3, 0.1]], np.float32)
)


def test_the_category_is_the_vector_of_the_likeliest_class():
    assert BATCH.label_vectors(TABLE, soft=False, confidence=0.0).tolist() == [[0, 2], [1, 0]]


def test_or_the_mean_by_probability():
    np.testing.assert_allclose(
        BATCH.label_vectors(TABLE, soft=True, confidence=0.0), [[0.25, 1], [0.6, 0.6]], rtol=1e-6
    )


@pytest.mark.parametrize("soft", [False, True])
def test_what_is_not_likely_enough_is_not_told_in_either_form(soft):
    told = BATCH.label_vectors(TABLE, soft, confidence=0.55)
    assert not told[0].any() and np.array_equal(told[1], BATCH.label_vectors(TABLE, soft, 0.0)[1])


def test_a_share_as_large_as_the_confidence_is_enough():
    assert is_told(np.array([0.5, 0.25], np.float32), 0.5).tolist() == [True, False]
