import hypothesis
import numpy as np
from hypothesis import strategies as st

from seje.categories.crossfit import HEAD_FOLDS, NETWORK_FOLDS, parts
from seje.categories.labelled import Labelled
from seje.vision.transforms import Squares


def labelled(dishes: list[int]) -> Labelled:
    """Photos of rows 10, 11 and so on, of two classes of dishes, by their number."""
    shown = np.array(dishes, np.int64)
    squares = Squares(lambda row: np.zeros((16, 16, 3), np.uint8), 10 + len(shown), 16)
    return Labelled(squares, np.arange(10, 10 + len(shown)), shown % 2, shown)


@hypothesis.given(st.lists(st.integers(0, 9), min_size=1, max_size=50), st.booleans(), st.integers(0, 5))
def test_every_photo_is_told_once_by_a_part_that_has_no_photo_of_its_recipe(dishes, frozen, seed):
    train = labelled(dishes)
    whole, *others = parts(train, True, frozen, seed)
    assert whole.learn.all() and not len(whole.told)
    assert len(others) == min(HEAD_FOLDS if frozen else NETWORK_FOLDS, len(set(dishes)))
    assert sorted(row for part in others for row in part.told) == train.rows.tolist()
    for part in others:
        told = {dishes[row - 10] for row in part.told}
        assert told and not told & {dish for dish, learn in zip(dishes, part.learn, strict=True) if learn}


def test_photos_that_are_not_the_corpus_s_need_no_folds():
    (whole,) = parts(labelled([1, 2, 3, 4]), False, True, 1)
    assert whole.learn.all()
