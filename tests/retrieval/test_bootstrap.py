import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.retrieval import bootstrap
from seje.retrieval.bootstrap import intervals
from seje.retrieval.protocol import retrieval_metrics


@given(pairs=st.integers(1, 25), share=st.floats(0.05, 1), draws=st.integers(1, 4), seed=st.integers(0, 999))
def test_a_resample_is_the_measure_of_repeated_queries(pairs, share, draws, seed):
    """The vectorised weights against lists in which each query stands as often as it was drawn."""
    random = np.random.default_rng(seed)
    pool = max(1, round(share * pairs))
    rows = [random.choice(pairs, pool, replace=False) for _ in range(draws)]
    ranked = [random.integers(1, pool + 1, size=pool) for _ in range(draws)]
    counts = bootstrap.draw_counts(pairs, np.random.default_rng(seed))
    found = bootstrap.resampled(rows, ranked, counts, (1, 5, 10))
    for column in range(3):
        repeated = [np.repeat(r, counts[chosen, column]) for chosen, r in zip(rows, ranked, strict=True)]
        each = [list(retrieval_metrics(again).values()) for again in repeated if again.size]
        expected = np.mean(each, axis=0) if each else np.full(4, np.nan)
        assert found[column] == pytest.approx(expected, nan_ok=True)


def test_intervals_hold_the_mean_and_are_seeded():
    random = np.random.default_rng(0)
    rank = random.geometric(0.1, size=400)
    first, again = (intervals([np.arange(400)], [rank], 400, (1, 10)) for _ in "ab")
    assert first == again
    for (low, high), value in zip(
        first, (np.median(rank), np.mean(rank <= 1), np.mean(rank <= 10)), strict=True
    ):
        assert low <= value <= high


def test_the_width_is_that_of_the_binomial():
    rank = np.repeat([1, 20], [300, 700])
    ((low, high),) = intervals([np.arange(1000)], [rank], 1000, (1,))[1:]
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(0.3 * 0.7 / 1000), rel=0.1)


def test_draws_of_the_same_pairs_do_not_make_it_surer():
    rank = np.repeat([1, 20], [300, 700])
    once = intervals([np.arange(1000)], [rank], 1000, (1,))
    ten_times = intervals([np.arange(1000)] * 10, [rank] * 10, 1000, (1,))
    assert np.array(ten_times) == pytest.approx(np.array(once))


def test_one_query():
    assert intervals([np.array([0])], [np.array([1])], 1, (1, 5)) == [(1, 1)] * 3
