from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seje.kitchen.chance import between, pick, sample

SEEDS = st.integers(0, 2**32)


@given(SEEDS, st.lists(st.integers(), max_size=8, unique=True), st.integers(0, 10))
def test_sample_takes_different_options_as_many_as_there_are(seed, options, count):
    found = sample(options, count, np.random.default_rng(seed))
    assert len(found) == len(set(found)) == min(count, len(options))
    assert set(found) <= set(options)


@given(SEEDS, st.integers(0, 5), st.integers(0, 5))
def test_between_keeps_both_bounds(seed, fewest, more):
    assert fewest <= between(fewest, fewest + more, np.random.default_rng(seed)) <= fewest + more


def test_all_options_are_equally_likely():
    rng = np.random.default_rng(0)
    for counts in (
        Counter(pick("abc", rng) for _ in range(3000)),
        Counter(between(1, 3, rng) for _ in range(3000)),
        Counter(tuple(sample("abc", 1, rng)) for _ in range(3000)),
    ):
        assert len(counts) == 3
        assert all(abs(count - 1000) < 120 for count in counts.values())
