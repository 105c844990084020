import numpy as np

from seje.vision.description import Descriptions

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
