import numpy as np
import pytest
from conftest import changed
from tiny import SETTINGS

from seje.joint.sampling import EpochSampler
from seje.towers.features import pairs

PHOTOS = np.array([0, 0, 0, 1, 3, 3, 4, 5, 6, 7])  # recipe of each photo; recipe 2 has none
PAIRS = pairs(PHOTOS, np.array(["train"] * 8), "train")
CATEGORIES = np.arange(8) % 3


def epoch(number: int = 1, batches: str = "random", views: int = 4) -> EpochSampler:
    return EpochSampler(
        changed(SETTINGS, batch=4, batches=batches), PAIRS, CATEGORIES, "ignore", views, number
    )


@pytest.mark.parametrize("batches", ["random", "category"])
def test_every_pair_is_drawn_once_with_a_photo_of_its_own_and_a_view(batches):
    drawn = list(epoch(batches=batches).draws())
    assert len(drawn) == len(epoch(batches=batches)) == 2
    assert sorted(np.concatenate([draw.recipes for draw in drawn])) == [0, 1, 3, 4, 5, 6, 7]
    for draw in drawn:
        assert (PHOTOS[draw.photos] == draw.recipes).all()
        assert draw.views is not None and ((draw.views >= 0) & (draw.views < 4)).all()


def test_an_epoch_is_the_same_each_time_and_another_one_is_not():
    def rows(number):
        drawn = list(epoch(number).draws())
        return [draw.seed for draw in drawn], [np.stack(draw[:3]).tolist() for draw in drawn]

    assert rows(1) == rows(1) != rows(2)
    assert len({*rows(1)[0], *rows(2)[0]}) == 4  # a seed for each step


def test_all_photos_and_views_are_shown_in_time():
    drawn = [draw for number in range(60) for draw in epoch(number).draws()]
    assert set(np.concatenate([draw.photos for draw in drawn])) == set(range(len(PHOTOS)))
    assert set(np.concatenate([draw.views for draw in drawn])) == {0, 1, 2, 3}
