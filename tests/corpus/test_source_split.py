from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.corpus.source_split import by_source

GIVEN = ["train"] * 70 + ["val"] * 15 + ["test"] * 15


@given(
    sources=st.lists(st.sampled_from([*"abcdefgh", None]), min_size=10, max_size=60).filter(
        lambda found: len(set(found) - {None}) >= 3
    ),
    data=st.data(),
)
def test_no_source_crosses_and_no_partition_is_empty(sources, data):
    partition = st.sampled_from(["train", "train", "val", "test"])
    given_split = data.draw(st.lists(partition, min_size=len(sources), max_size=len(sources)))
    found = by_source(sources, given_split)
    for source in set(sources):
        assert len({p for s, p in zip(sources, found, strict=True) if s == source}) == 1
    assert set(found) == set(given_split)
    assert found == by_source(sources, given_split)


def test_sizes_are_near_those_of_the_given_split():
    sources = [f"site {number % 20}" for number in range(100)]
    assert Counter(by_source(sources, GIVEN)) == {"train": 70, "val": 15, "test": 15}


def test_a_large_source_leaves_the_small_ones_to_val_and_test():
    sources = ["large"] * 98 + ["b", "c"]
    found = by_source(sources, GIVEN)
    assert set(found[:98]) == {"train"} and set(found[98:]) == {"val", "test"}


def test_the_order_of_the_recipes_is_no_matter():
    sources = [f"site {number % 7}" for number in range(100)]
    found = dict(zip(sources, by_source(sources, GIVEN), strict=True))
    assert dict(zip(sources[::-1], by_source(sources[::-1], GIVEN), strict=True)) == found


def test_too_few_sources():
    with pytest.raises(ValueError, match="2 sources"):
        by_source(["a", "b", None, None], ["train", "val", "test", "train"])
