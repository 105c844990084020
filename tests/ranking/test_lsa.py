import numpy as np
import pytest

from seje.ranking.lsa import word_space

TEXTS = [
    "Tomato soup. Chop the tomato, boil the tomato.",
    "Soup of tomato and basil",
    "Basil bread: knead, bake the bread",
    "Bake the bread, then bake the cake",
    "Chocolate cake",
]


def naive_weights(texts, known, frequency):
    """TF-IDF by loops: (1 + ln tf) * (1 + ln((1 + N) / (1 + df))), rows of length 1."""
    rows = np.zeros((len(texts), len(known)))
    for row, text in enumerate(texts):
        words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
        for column, word in enumerate(known):
            if count := words.count(word):
                rows[row, column] = (1 + np.log(count)) * (
                    1 + np.log((1 + len(TEXTS)) / (1 + frequency[word]))
                )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def test_full_space_keeps_the_angles_of_tfidf():
    space = word_space(TEXTS, size=99)
    known = ["bake", "basil", "bread", "cake", "soup", "tomato"]  # in two texts at least, not a stop word
    assert space.vocabulary == known
    frequency = {word: sum(word in text.lower() for text in TEXTS) for word in known}
    asked = [*TEXTS, "Basil, basil and CAKE", "", "unheard"]
    naive = naive_weights(asked, known, frequency)
    placed = space.transform(asked)
    assert placed.dtype == np.float32
    inside = naive @ np.linalg.pinv(naive[:5]) @ naive[:5]  # what the five texts span
    assert placed @ placed.T == pytest.approx(inside @ inside.T, abs=1e-5)
    assert not placed[-2:].any()


def test_fewer_dimensions_are_the_nearest_ones():
    full, small = word_space(TEXTS, 99).transform(TEXTS), word_space(TEXTS, 2).transform(TEXTS)
    assert small.shape == (5, 2)
    values = np.linalg.svd(full, compute_uv=False)
    assert np.linalg.norm(small) ** 2 == pytest.approx((values[:2] ** 2).sum(), rel=1e-3)


def test_texts_without_a_common_word_have_no_space():
    with pytest.raises(ValueError):
        word_space(["salt", "pepper"], 3)


def test_it_knows_words_of_two_recipes_and_no_stop_words():
    space = word_space([*TEXTS, "all-purpose flour", "the all-purpose flour"], size=99)
    assert [word for word in ("tomato", "chop", "the", "all-purpose", "asdf", "") if space.knows(word)] == [
        "tomato",
        "all-purpose",
    ]
