"""Nearness to a bank and p-values, against naive loops; how many ordinary questions are called novel."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seje.model.novelty import FEWEST, LEVEL, nearness, p_value, units

SCORES = st.lists(st.integers(-5, 5), min_size=2, max_size=60)


@given(arrays(np.float32, (4, 3), elements=st.floats(-1, 1, width=32)), st.integers(1, 9), st.integers(1, 12))
def test_nearness_is_the_kth_highest_cosine(queries, items, k):
    queries = units(queries)
    bank = units(np.random.default_rng(items).normal(size=(items, 3)))
    for query, found in zip(queries, nearness(queries, bank, k), strict=True):
        cosines = sorted(
            (float(sum(a * b for a, b in zip(query, item, strict=True))) for item in bank), reverse=True
        )
        assert found == pytest.approx(cosines[min(k, items) - 1], abs=1e-6)


@given(SCORES)
def test_the_p_value_is_a_share(scores):
    score, *held_out = scores
    lower = 1
    for other in held_out:
        if other <= score:
            lower += 1
    assert p_value(score, np.array(held_out, np.float32)) == pytest.approx(lower / len(scores))


@given(SCORES)
def test_of_ordinary_questions_no_more_than_the_level_are_novel(scores):
    """Each in turn is asked, the others held out: of exchangeable ones this is promised."""
    novel = 0
    for place, score in enumerate(scores):
        others = np.array(scores[:place] + scores[place + 1 :], np.float32)
        novel += p_value(score, others) <= LEVEL
    assert novel <= LEVEL * len(scores)


@given(SCORES, st.integers(-6, 6), st.integers(0, 6))
def test_who_is_nearer_is_never_more_novel(held_out, score, more):
    known = np.array(held_out, np.float32)
    assert p_value(score, known) <= p_value(score + more, known)


def test_the_fewest_are_just_enough():
    assert p_value(0, np.ones(FEWEST, np.float32)) <= LEVEL < p_value(0, np.ones(FEWEST - 1, np.float32))


def test_what_is_no_number_is_farthest():
    assert p_value(math.nan, np.ones(99, np.float32)) == 0.01


def test_zeros_have_no_direction():
    assert units(np.array([[0, 0], [3, 4]])).tolist() == [[0, 0], pytest.approx([0.6, 0.8])]
