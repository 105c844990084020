"""Offsets against naive loops, and the orders that they make against the papers' formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.errors import SejeError
from seje.retrieval import hubness
from seje.retrieval.hubness import METHODS, VALUES, Sides, choose, lowered, offsets
from seje.retrieval.ranks import ranks
from seje.retrieval.val_score import val_metrics


def unit(count, width=6, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def dot(one, other):
    return sum(a * b for a, b in zip(one.tolist(), other.tolist(), strict=True))


def nearness(item, bank, k):
    """r of the paper: the mean of the k highest cosines."""
    return sum(sorted((dot(item, query) for query in bank), reverse=True)[:k]) / k


def textbook(method, value, query, item, bank, other_bank):
    """The papers' scores; r(q) with the bank of the other side, as in the paper."""
    if method == "csls":
        return 2 * dot(query, item) - nearness(query, other_bank, value) - nearness(item, bank, value)
    return math.exp(value * dot(query, item)) / sum(math.exp(value * dot(other, item)) for other in bank)


@given(count=st.integers(0, 9), k=st.integers(1, 5), seed=st.integers(0, 99))
def test_the_offset_of_csls_is_half_the_mean_of_the_k_highest(count, k, seed):
    items, bank = unit(count, seed=seed), unit(6, seed=seed + 1)
    expected = [nearness(item, bank, k) / 2 for item in items]
    assert offsets(items, bank, "csls", [1, k])[1].tolist() == pytest.approx(expected, abs=1e-6)


@given(count=st.integers(0, 9), beta=st.integers(1, 200), seed=st.integers(0, 99))
def test_the_offset_of_the_inverted_softmax_is_its_denominators_logarithm(count, beta, seed):
    items, bank = unit(count, seed=seed), unit(6, seed=seed + 1)
    expected = [
        math.log(sum(math.exp(beta * dot(item, query)) for query in bank) / len(bank)) / beta
        for item in items
    ]
    assert offsets(items, bank, "softmax", [beta])[0].tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
@given(value=st.integers(1, 8), seed=st.integers(0, 99))
def test_the_order_is_the_papers(method, value, seed):
    photos, recipes = unit(12, seed=seed), unit(12, seed=seed + 1)
    bank = Sides(unit(9, seed=seed + 2), unit(9, seed=seed + 3))
    given_to = {
        "photos": offsets(photos, bank.recipes, method, [value])[0],
        "recipes": offsets(recipes, bank.photos, method, [value])[0],
    }
    found = ranks(*lowered(Sides(photos, recipes), given_to["photos"], given_to["recipes"]))
    ways = [(photos, recipes, bank.photos, bank.recipes), (recipes, photos, bank.recipes, bank.photos)]
    for rank, (queries, items, of_items, of_queries) in zip(found, ways, strict=True):
        for place, query in enumerate(queries):
            scores = [textbook(method, value, query, item, of_items, of_queries) for item in items]
            near = abs(np.log(scores[place]) - np.log(scores)) if method == "softmax" else 0
            near = near / value if method == "softmax" else np.abs(scores[place] - np.array(scores)) / 2
            if (near[np.arange(12) != place] > 1e-5).all():  # what rounding parts may count either way
                assert rank[place] == 1 + sum(score > scores[place] for score in scores)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("at_a_time", [1, 7, 40])
def test_a_block_at_a_time_is_all_at_once(monkeypatch, method, at_a_time):
    items, bank, values = unit(40), unit(60, seed=1), VALUES[method]
    own = np.where(np.arange(40) % 3, np.arange(40), -1)
    whole = offsets(items, bank, method, values, own)
    monkeypatch.setattr(hubness, "ITEMS_AT_A_TIME", at_a_time)
    np.testing.assert_allclose(offsets(items, bank, method, values, own), whole, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_an_items_own_match_is_left_out(method):
    items, bank = unit(5), unit(9, seed=1)
    own = np.array([3, -1, 0, 8, 3])
    found = offsets(items, bank, method, [4], own)[0]
    for item, row, offset in zip(items, own, found, strict=True):
        others = np.delete(bank, row, axis=0) if row >= 0 else bank
        assert offset == pytest.approx(offsets(item[None], others, method, [4])[0, 0], abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_offsets_lie_between_minus_one_and_one(method):
    vectors = unit(30, width=2)
    found = offsets(vectors, np.concatenate([vectors, -vectors]), method, VALUES[method])
    assert (np.abs(found) <= 1 + 1e-6).all()


@pytest.mark.parametrize("method", METHODS)
@given(size=st.integers(2, 9), times=st.integers(2, 4), seed=st.integers(0, 99))
def test_equal_items_stay_ties(method, size, times, seed):
    vectors = np.repeat(unit(size, 300, seed), times, axis=0)
    bank, value = unit(50, 300, seed + 1), VALUES[method][-2]
    one, other = (offsets(vectors[::step], bank, method, [value])[0][::step] for step in (1, -1))
    for found in ranks(*lowered(Sides(vectors, vectors), one, other), tile=5):
        assert (found % times == 0).all()


@pytest.mark.parametrize(("method", "value"), [("csls", 5), ("softmax", 10)])
def test_a_hub_is_put_in_its_place(method, value):
    """All queries share a direction, and one item is that direction: it comes before the matches."""
    shared, own = unit(1, 40), unit(60, 40, seed=1)
    queries = (own + 1.5 * shared) / np.linalg.norm(own + 1.5 * shared, axis=1, keepdims=True)
    photos, bank = queries[:30], queries[30:]
    recipes = np.concatenate([shared, own[1:30]])
    plain = ranks(photos, recipes)[0][1:]
    pairs, nothing = Sides(photos, recipes), np.zeros(30)
    found = ranks(*lowered(pairs, nothing, offsets(recipes, bank, method, [value])[0]))[0][1:]
    assert (plain > 1).all() and (found == 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_val_chooses_the_best_of_the_values(method):
    val, bank = (
        Sides(unit(80, 12, seed), unit(80, 12, seed) + 0.4 * unit(80, 12, seed + 1)) for seed in (0, 5)
    )
    val, bank = (
        Sides(*(side / np.linalg.norm(side, axis=1, keepdims=True) for side in of)) for of in (val, bank)
    )
    choice = choose(method, bank, val)
    scores = {}
    for value in VALUES[method]:
        photos = offsets(val.photos, bank.recipes, method, [value])[0]
        recipes = offsets(val.recipes, bank.photos, method, [value])[0]
        scores[value] = val_metrics(*lowered(val, photos, recipes))["score"]
    assert choice.val_score == max(scores.values()) == scores[choice.value]
    assert choice.as_json() == {
        {"csls": "k", "softmax": "beta"}[method]: choice.value,
        "val_score": choice.val_score,
    }


def test_k_stays_below_the_size_of_the_bank():
    few = Sides(unit(3), unit(3, seed=1))
    assert choose("csls", few, few).value in (1, 2)
    with pytest.raises(SejeError, match="fewer than 2 train recipes have a photo"):
        choose("csls", Sides(unit(1), unit(1)), few)
