from collections import Counter
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.instructions.sentences import (
    END,
    PADDING,
    SIGNS,
    UNKNOWN,
    frequent_words,
    id_counts,
    number,
    unigram_perplexity,
)
from seje.text.tokens import tokens

TEXTS = st.lists(
    st.text(st.sampled_from("aAb' .1\u00bd\u00e9\n\u0000\ud800\U0001f35d"), max_size=30), max_size=6
)


def test_the_vocabulary_is_of_train_and_by_frequency():
    texts = ["Mix flour, mix.", "Bake.", "Serve.", "rest rest rest rest"]
    assert frequent_words(texts, [2, 2, 1, 0], 10, 40) == [".", "mix", ",", "bake", "flour"]
    assert frequent_words(texts, [2, 2, 1, 0], 2, 40) == [".", "mix"]
    assert frequent_words(texts, [2, 2, 1, 0], 10, 1) == ["bake", "mix"]
    assert frequent_words(["egg"], [1], 10, 40) == []


@given(TEXTS, st.integers(1, 5))
def test_numbers_are_those_of_a_loop(texts, max_words):
    vocabulary = ["a", ".", "1/2"]
    found = number(texts, vocabulary, max_words)
    assert len(found) == len(texts)
    for row, text in enumerate(texts):
        cut = tokens(text)[:max_words]
        ids = [SIGNS + vocabulary.index(word) if word in vocabulary else UNKNOWN for word in cut]
        assert found.ids[found.offsets[row] : found.offsets[row + 1]].tolist() == (ids + [END] if ids else [])


@given(TEXTS, st.data())
def test_padding_keeps_the_sentences(texts, data):
    found = number(texts, ["a", "b"], 5)
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=4)) if texts else []
    table = found.padded(np.array(rows, np.int64))
    assert table.shape == (len(rows), max((found.lengths[row] for row in rows), default=0))
    for line, row in zip(table.tolist(), rows, strict=True):
        ids = found.ids[found.offsets[row] : found.offsets[row + 1]].tolist()
        assert line == ids + [PADDING] * (len(line) - len(ids))


@given(TEXTS, st.data())
def test_ids_are_counted_as_often_as_their_sentences(texts, data):
    found = number(texts, ["a", "b"], 5)
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=6)) if texts else []
    expected = Counter()
    for row in rows:
        expected.update(found.ids[found.offsets[row] : found.offsets[row + 1]].tolist())
    counts = id_counts(found, np.array(rows, np.int64), 6)
    assert counts.tolist() == [expected[word] for word in range(6)]


def test_unigram_perplexity_by_hand():
    # p = (3 + 1) / 8, (1 + 1) / 8, (0 + 1) / 8, (0 + 1) / 8; predicted: the first twice, the third once
    expected = exp(-(2 * log(1 / 2) + log(1 / 8)) / 3)
    assert unigram_perplexity(np.array([3, 1, 0, 0]), np.array([2, 0, 1, 0])) == pytest.approx(expected)
    assert unigram_perplexity(np.array([0, 0]), np.array([1, 4])) == pytest.approx(2)
