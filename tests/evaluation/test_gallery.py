import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seje.evaluation.gallery import nearest


@given(pairs=st.integers(1, 30), count=st.integers(1, 12), most=st.integers(1, 6), seed=st.integers(0, 99))
def test_the_nearest_are_those_of_a_sort(pairs, count, most, seed):
    random = np.random.default_rng(seed)
    queries, items = (random.normal(size=(pairs, 6)).astype(np.float32) for _ in "ab")
    found = nearest(queries, items, count, most)
    assert len(set(found.queries.tolist())) == len(found.queries) == min(count, pairs)
    for query, answers, cosines in zip(*found, strict=True):
        near = [-sum(a * b for a, b in zip(queries[query], item, strict=True)) for item in items]
        assert answers.tolist() == sorted(range(pairs), key=near.__getitem__)[:most]
        np.testing.assert_allclose(-cosines, [near[answer] for answer in answers], rtol=1e-4, atol=1e-5)
