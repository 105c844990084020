import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seje.retrieval.ranks import ranks


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def naive(queries: np.ndarray, items: np.ndarray) -> list[int]:
    """Sort by similarity, the true match behind all that are as near; equal vectors give equal sums."""
    found = []
    for i, query in enumerate(queries.tolist()):
        near = [sum(a * b for a, b in zip(query, item, strict=True)) for item in items.tolist()]
        order = sorted(range(len(items)), key=lambda j: (-near[j], j == i))
        found.append(order.index(i) + 1)
    return found


@given(size=st.integers(1, 30), kinds=st.integers(1, 30), seed=st.integers(0, 999), tile=st.integers(1, 40))
def test_ranks_are_those_of_a_sort(size, kinds, seed, tile):
    random = np.random.default_rng(seed)
    images, recipes = (unit(random.normal(size=(kinds, 5)))[random.integers(kinds, size=size)] for _ in "ab")
    to_recipe, to_image = ranks(images, recipes, tile)
    assert to_recipe.tolist() == naive(images, recipes)
    assert to_image.tolist() == naive(recipes, images)


def test_constant_embeddings_rank_last():
    constant = unit(np.ones((50, 64)))
    for found in ranks(constant, constant, tile=7):
        assert (found == 50).all()


def test_equal_vectors_rank_first_where_all_differ():
    vectors = unit(np.random.default_rng(0).normal(size=(40, 64)))
    for found in ranks(vectors, vectors):
        assert (found == 1).all()


def test_more_hits_in_a_column_than_a_byte_counts():
    constant = unit(np.ones((600, 4)))
    for found in ranks(constant, constant):
        assert (found == 600).all()
