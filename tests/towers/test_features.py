import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seje.towers.features import LineVectors, PhotoFeatures, RecipeFeatures, pairs


@given(lengths=st.lists(st.integers(0, 4), min_size=1, max_size=6), data=st.data())
def test_batch_pads_each_recipe_with_zeros(lengths, data):
    offsets = np.cumsum([0, *lengths])
    sentences = np.arange(1, offsets[-1] * 2 + 1, dtype=np.float16).reshape(-1, 2)
    sentences = np.vstack([sentences, np.ones((1, 2), np.float16)])  # rows past the last are never shown
    recipes = RecipeFeatures(
        np.eye(len(lengths), 3)[:, None],
        LineVectors(sentences, offsets),
        np.ones((len(lengths), 1, 2)),
        np.zeros(len(lengths), np.int64),
    )
    rows = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1, max_size=5)))
    batch = recipes.batch(rows)
    for place, row in enumerate(rows):
        length = lengths[row]
        assert (batch.sentences[place, :length].numpy() == sentences[offsets[row] : offsets[row + 1]]).all()
        assert not batch.sentences[place, length:].any()
        assert batch.lengths[place] == length
        assert (batch.terms[place].numpy() == recipes.terms[row, 0]).all()


def test_training_sees_the_given_views_and_evaluation_their_mean():
    pixels = np.arange(40 * 3 * 2).reshape(40, 3, 2)
    photos = PhotoFeatures(pixels, np.zeros((40, 4)), np.arange(40))
    rows, views = np.array([7, 0, 7, *range(30)]), np.arange(33) % 3
    assert (photos.batch(rows).pixels.numpy() == pixels[rows].mean(axis=1)).all()
    shown = photos.batch(rows, views).pixels.numpy()
    assert (shown == [pixels[row, view] for row, view in zip(rows, views, strict=True)]).all()


def test_pairs_are_the_recipes_of_a_partition_with_their_photos():
    partitions = np.array(["train", "val", "train", "train"])
    found = pairs(np.array([0, 0, 1, 3, 3, 3]), partitions, "train")
    assert found.recipes.tolist() == [0, 3]
    assert found.first.tolist() == [0, 3]
    assert found.count.tolist() == [2, 3]
