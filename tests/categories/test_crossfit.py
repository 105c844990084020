import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from seje.categories.crossfit import HEAD_FOLDS, NETWORK_FOLDS, parts, tuned
from seje.categories.labelled import Labelled
from seje.categories.settings import FineTuningSettings
from seje.errors import SejeError
from seje.vision.classifier import build
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


def test_too_few_to_hold_out_in_a_fold_is_said_before_anything_is_trained():
    """All twelve would do, the eight that a fold leaves do not."""
    train = labelled(list(range(12)))
    settings = FineTuningSettings(epochs=1, batch=4, lr=0.001, shallow=0.0, balance=True, stop=1, seed=1)
    network = build("shufflenet_v2_x0_5", "none", 2, 14, "32")
    split = parts(train, True, True, 1)

    def never(number, state):
        raise AssertionError("an epoch was trained")

    with pytest.raises(SejeError, match=r"categories\.stop: fewer than 10"):
        next(tuned(network, lambda: network, train, split, settings, lambda _: None, never))
