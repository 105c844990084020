import io

import numpy as np
import pytest
from PIL import Image

from seje.kitchen.leaks import COPY, LEAKS, RECIPE, SHARED, leak
from seje.kitchen.records import leaks, record

SEED, PIXELS = 3, 32


@pytest.fixture(params=LEAKS)
def leaked(request):
    return request.param, leak(record(SEED, 60, PIXELS), record(SEED, 7, PIXELS), request.param)


def test_a_leak_is_a_record_of_its_own_in_another_partition(leaked):
    kind, made = leaked
    original, own = record(SEED, 7, PIXELS), record(SEED, 60, PIXELS)
    assert made.layer1["id"] == made.layer2["id"] == made.det_ingrs["id"] == own.layer1["id"]
    assert made.layer1["partition"] != original.layer1["partition"]
    assert {image["id"] for image in made.layer2["images"]} == set(made.photos)
    assert len(made.det_ingrs["valid"]) == len(made.layer1["ingredients"])


def test_it_takes_what_its_kind_says(leaked):
    kind, made = leaked
    original, own = record(SEED, 7, PIXELS), record(SEED, 60, PIXELS)
    assert (made.layer1["instructions"] == original.layer1["instructions"]) == (kind == RECIPE)
    assert (made.layer1["title"] == own.layer1["title"]) == (kind != RECIPE)
    assert (set(made.photos) & set(original.photos) != set()) == (kind == SHARED)
    if kind == COPY:
        mine, theirs = (
            np.asarray(Image.open(io.BytesIO(next(iter(photos.values())))), np.float32)
            for photos in (made.photos, original.photos)
        )
        assert 0 < np.abs(mine - theirs).mean() < 10


def test_one_leak_for_ten_broken_records_each_of_another_original():
    found = list(leaks(100, 40, LEAKS))
    assert [number for number, _, _ in found] == [140, 141, 142, 143]
    assert [kind for _, kind, _ in found] == [RECIPE, COPY, SHARED, RECIPE]
    assert [original for _, _, original in found] == [12, 37, 62, 87]
    assert list(leaks(100, 9, LEAKS)) == []
