"""Samplers against what a look at every row of every batch says."""

from collections import Counter
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.joint.batch_sampler import MEMBERS, category_batches, random_batches

CATEGORIES = st.lists(st.integers(0, 6), min_size=1, max_size=200)


def sampled(kind, categories, batch, seed, background="ignore"):
    random = np.random.default_rng(seed)
    if kind == "random":
        return random_batches(len(categories), batch, random)
    return category_batches(np.array(categories), batch, random, background)


@pytest.mark.parametrize("kind", ["random", "category"])
@given(categories=CATEGORIES, batch=st.integers(1, 60), seed=st.integers(0, 99))
@pytest.mark.parametrize("background", ["ignore", "class"])
def test_every_row_is_in_one_batch_and_a_seed_has_one_epoch(kind, background, categories, batch, seed):
    batches = sampled(kind, categories, batch, seed, background)
    assert sorted(np.concatenate(batches)) == list(range(len(categories)))
    sizes = [len(rows) for rows in batches]
    assert max(sizes) <= batch and max(sizes) - min(sizes) <= 1
    again = sampled(kind, categories, batch, seed, background)
    assert all(np.array_equal(one, other) for one, other in zip(batches, again, strict=True))


@pytest.mark.parametrize("background", ["ignore", "class"])
@given(categories=CATEGORIES, batch=st.integers(8, 60), seed=st.integers(0, 99))
def test_a_row_finds_others_of_its_category_in_its_batch(background, categories, batch, seed):
    count = Counter(categories)
    for rows in sampled("category", categories, batch, seed, background):
        shown = [categories[row] for row in rows]
        for place in range(MEMBERS - 1, len(shown) - MEMBERS + 1):  # a border may part the outermost groups
            category = shown[place]
            if (category or background == "class") and count[category] > 1:
                near = [shown[other] for other in (place - 1, place + 1) if 0 <= other < len(shown)]
                assert category in near


@given(counts=st.lists(st.integers(1, 300), min_size=2, max_size=5), seed=st.integers(0, 99))
def test_a_batch_has_of_every_category_about_its_share(counts, seed):
    categories = np.repeat(np.arange(1, len(counts) + 1), counts)
    batches = sampled("category", categories, 40, seed)
    for category, count in enumerate(counts, 1):
        share = count / len(batches)
        for rows in batches:
            found = int((categories[rows] == category).sum())
            assert abs(found - share) <= MEMBERS * (len(counts) + 2)


def test_epochs_differ_and_so_do_the_groups():
    categories = np.arange(400) % 20 + 1
    random = np.random.default_rng(0)
    first, second = (category_batches(categories, 40, random, "ignore") for _ in range(2))
    assert not np.array_equal(first[0], second[0])
    partners = [
        {frozenset(rows[i : i + 2].tolist()) for rows in epoch for i in range(39)}
        for epoch in (first, second)
    ]
    assert len(partners[0] & partners[1]) < len(partners[0]) / 4


def test_an_uneven_length_leaves_no_batch_of_one():
    for length in range(4, 200):
        assert min(map(len, random_batches(length, 4, np.random.default_rng(0)))) >= 2


def test_pairs_of_the_background_go_one_by_one_where_it_is_no_category():
    categories = np.repeat([0, 1], 100 * MEMBERS)
    for background, grouped in (("ignore", False), ("class", True)):
        (rows,) = sampled("category", categories, len(categories), 3, background)
        whole = {0: True, 1: True}  # whether all that stand together are whole groups
        for category, members in groupby(categories[rows].tolist()):
            whole[category] &= len(list(members)) % MEMBERS == 0
        assert whole == {0: grouped, 1: True}
