import numpy as np
import pytest
from conftest import changed
from hypothesis import given
from hypothesis import strategies as st
from tiny import SETTINGS

from seje.data import recipe_views
from seje.data.recipe_views import SHOWN, WHOLE, rest
from seje.joint import sampling
from seje.joint.sampling import EpochSampler, random_batches
from seje.towers.features import pairs

PHOTOS = np.array([0, 0, 0, 1, 3, 3, 4, 5, 6, 7])  # recipe of each photo; recipe 2 has none
PAIRS = pairs(PHOTOS, np.array(["train"] * 8), "train")


def epoch(number: int = 1) -> EpochSampler:
    return EpochSampler(changed(SETTINGS, batch=4), PAIRS, 4, number)


def test_every_pair_is_drawn_once_with_a_photo_of_its_own_and_a_view():
    drawn = list(epoch().draws())
    assert len(drawn) == len(epoch()) == 2
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


@given(length=st.integers(1, 300), batch=st.integers(1, 60), seed=st.integers(0, 99))
def test_every_row_is_in_one_batch_and_a_seed_has_one_epoch(length, batch, seed):
    one = np.zeros(length, np.int64)
    batches, again = (random_batches(one, batch, np.random.default_rng(seed)) for _ in range(2))
    assert sorted(np.concatenate(batches)) == list(range(length))
    sizes = [len(rows) for rows in batches]
    assert max(sizes) <= batch and max(sizes) - min(sizes) <= 1
    assert all(np.array_equal(one, other) for one, other in zip(batches, again, strict=True))


def test_an_uneven_length_leaves_no_batch_of_one():
    for length in range(4, 200):
        assert min(map(len, random_batches(np.zeros(length), 4, np.random.default_rng(0)))) >= 2


def test_of_many_shards_few_are_read_from_at_a_time(monkeypatch):
    monkeypatch.setattr(sampling, "WINDOW", 3)
    shards = np.repeat(np.arange(10), 7)
    batches = random_batches(shards, 4, np.random.default_rng(0))
    order = np.concatenate(batches)
    assert sorted(order) == list(range(70))
    read = [set(shards[order[start : start + 21]]) for start in range(0, 70, 21)]
    assert [len(window) for window in read] == [3, 3, 3, 1] and set.union(*read) == set(range(10))
    assert not np.array_equal(order, np.sort(order)) and len(set(shards[order[:8]])) > 1
    few = random_batches(shards[:21], 4, np.random.default_rng(0))
    assert np.array_equal(np.concatenate(few), np.random.default_rng(0).permutation(21))


def test_pairs_are_in_the_shards_of_their_photos(monkeypatch):
    monkeypatch.setattr(sampling, "WINDOW", 1)
    starts = np.array([0, int(PAIRS.first[len(PAIRS) // 2])])
    sampler = EpochSampler(changed(SETTINGS, batch=4), PAIRS, 4, 1, starts=starts)
    of = [photo >= starts[1] for draw in sampler.draws() for photo in draw.photos]
    assert sum(one != other for one, other in zip(of[1:], of[:-1], strict=True)) == 1


def test_each_part_is_hidden_as_often_as_asked_and_never_all():
    hidden = ~SHOWN[recipe_views.draw(20_000, 0.3, np.random.default_rng(0))]
    assert not hidden.all(axis=1).any()
    assert hidden.mean(axis=0) == pytest.approx((0.3 - 0.3**3) * np.ones(3), abs=0.01)
    assert (recipe_views.draw(100, 0.0, np.random.default_rng(0)) == WHOLE).all()


def test_recipes_alone_are_any_of_those_asked_for_with_a_part_to_each_side():
    sampler = EpochSampler(changed(SETTINGS, batch=4), PAIRS, 4, 1, alone=np.array([2, 5]))
    for one in sampler.draws():
        assert one.alone is not None and set(one.alone) <= {2, 5} and len(one.alone) == len(one.recipes)
        assert (SHOWN[one.half] ^ SHOWN[rest(one.half)]).all()
    assert next(epoch().draws()).alone is None
