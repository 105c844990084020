"""A tenth of the fuzz run; `fuzz` itself raises where anything but an answer or a line comes."""

import io
import random
import sys

import pytest
from conftest import ROOT
from PIL import Image

sys.path.insert(0, str(ROOT / "benchmarks"))
import fuzz_asking  # noqa: E402


def test_the_photos_are_whole_before_they_are_damaged():
    whole = fuzz_asking.whole_photos(random.Random(0))
    opened = [Image.open(io.BytesIO(data)) for data in whole]
    assert {image.format for image in opened} == set(fuzz_asking.FORMATS)
    for image in opened:
        image.load()


def test_the_same_seed_gives_the_same_damage():
    whole = fuzz_asking.whole_photos(random.Random(0))
    first, again = (
        list(fuzz_asking.damaged(random.Random(3), whole, [fuzz_asking.splice, fuzz_asking.change], 40))
        for _ in range(2)
    )
    assert first == again and not set(first) & set(whole)


@pytest.mark.slow
def test_damaged_photos_and_bodies_get_an_answer_or_a_line(search):
    found = fuzz_asking.fuzz(search, photos=200, bodies=50, seed=1)
    for kind, count in {"file": 200, "upload": 200, "words": 50, "body": 50}.items():
        answered, refused = found[f"{kind} answered"], found[f"{kind} refused"]
        assert answered + refused == count and min(answered, refused) > 0
    assert found["file answered"] == found["upload answered"]
