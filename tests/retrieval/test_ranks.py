import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seje.errors import SejeError
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
    # A sort parts what `ranks` cannot: pairs whose float32 similarities differ by rounding are ties to it.
    near = images.astype(np.float64) @ recipes.T.astype(np.float64)
    gaps = np.abs(np.stack([near, near.T]) - np.diag(near)[:, None])
    assume(not ((gaps > 1e-12) & (gaps < 1e-5)).any())
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


@given(
    size=st.integers(1, 12), width=st.integers(1, 40), tile=st.integers(1, 14), seed=st.integers(0, 999),
    zeros=st.booleans(),
)  # fmt: skip
def test_every_rank_is_one_of_1_to_n(size, width, tile, seed, zeros):
    random = np.random.default_rng(seed)
    images, recipes = (unit(random.normal(size=(size, width))) for _ in "ab")
    if zeros:
        images[0] = recipes[-1] = 0
    for found in ranks(images, recipes, tile):
        assert found.min() >= 1 and found.max() <= size
    assert not zeros or ranks(images, recipes, tile)[0][0] == size  # it points nowhere: no match is nearer


@pytest.mark.parametrize("width", [64, 1024, 16384])
def test_the_tolerance_follows_from_the_width(width):
    """Rounding of wide sums grows with the width: the match stays found, and the collapsed stay last."""
    vectors = unit(1 + 0.1 * np.random.default_rng(0).normal(size=(300, width)))
    for found in ranks(vectors, vectors):
        assert found.tolist() == [1] * 300
    rounded = np.nextafter(unit(np.ones((300, width))), np.random.default_rng(1).choice([-1, 1], (300, 1)))
    for found in ranks(*(side.astype(np.float32) for side in (rounded, rounded[::-1]))):
        assert found.tolist() == [300] * 300


@given(size=st.integers(2, 9), times=st.integers(2, 4), seed=st.integers(0, 999))
def test_true_duplicates_count_against_the_model(size, times, seed):
    random = np.random.default_rng(seed)
    vectors = np.repeat(unit(random.normal(size=(size, 700))), times, axis=0)
    for found in ranks(vectors, vectors, tile=5):
        assert found.tolist() == [times] * len(vectors)


def test_the_tolerance_is_that_of_the_type():
    """Neighbours that float32 cannot tell apart tie there, and do not in float64."""
    angles = np.arange(20) * 1e-4
    wide = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert ranks(wide, wide)[0].tolist() == [1] * 20
    assert ranks(wide.astype(np.float32), wide.astype(np.float32))[0].max() > 1


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("side", [0, 1])
def test_what_is_not_finite_is_refused(odd, side):
    sides = [unit(np.random.default_rng(seed).normal(size=(9, 5))) for seed in (0, 1)]
    sides[side][4, 2] = odd
    with pytest.raises(SejeError, match=r"1 of 9 pairs .* not finite \(the first: row 4\): train again"):
        ranks(*sides)
