import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from seje.vision.transforms import DEVIATION, MEAN, VIEWS, Squares, augment, centre, crop_side, square, view


@pytest.mark.parametrize("size, side", [(256, 224), (72, 63), (64, 56), (16, 14)])
def test_the_crop_is_seven_eighths(size, side):
    assert crop_side(size) == side


@pytest.mark.parametrize("height, width", [(40, 60), (60, 40), (32, 32), (20, 90), (300, 17)])
def test_square_is_the_middle_of_the_photo(height, width):
    photo = np.zeros((height, width, 3), np.uint8)
    photo[height // 2 - 3 : height // 2 + 3, width // 2 - 3 : width // 2 + 3] = 255
    cut = square(photo, 32)
    assert cut.shape == (3, 32, 32) and cut.dtype == np.uint8
    assert cut[:, 16, 16].min() > 200


def test_centre_crops_and_normalises():
    squares = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    expected = squares[:, :, 2:30, 2:30].double() / 255
    for channel in range(3):
        expected[:, channel] = (expected[:, channel] - MEAN[channel]) / DEVIATION[channel]
    found = centre(squares, 28)
    assert found.shape == (2, 3, 28, 28) and found.dtype == torch.float32
    assert torch.allclose(found.double(), expected, atol=1e-5)


def test_augment_crops_and_flips_each_photo_on_its_own():
    squares = torch.arange(32 * 32, dtype=torch.int32).reshape(1, 32, 32).remainder(251).to(torch.uint8)
    squares = squares.expand(3, 32, 32).expand(16, 3, 32, 32)
    torch.manual_seed(0)
    first = augment(squares, 28)
    torch.manual_seed(0)
    assert torch.equal(first, augment(squares, 28))
    assert first.shape == (16, 3, 28, 28)
    assert len({photo.numpy().tobytes() for photo in first}) > 8
    whole = augment(squares, 32)  # nothing is left to crop: each is the photo or its mirror image
    plain = centre(squares, 32)
    kinds = {torch.equal(one, two) for one, two in zip(whole, plain, strict=True)}
    mirrored = all(
        torch.equal(one, two) or torch.equal(one, two.flip(-1)) for one, two in zip(whole, plain, strict=True)
    )
    assert kinds == {True, False} and mirrored


CORNERS = [(0, 0), (0, 31), (31, 0), (31, 31)]


@pytest.mark.parametrize("place", CORNERS)
def test_corners_are_seen_both_ways_at_three_quarters_and_once_at_four_sevenths(place):
    """A spot in the corner: which views have it, and where."""
    spotted = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    spotted[0, :, place[0], place[1]] = 255
    black = centre(torch.zeros_like(spotted), 24)[0, 0, 0, 0]
    seen = [view(spotted, number, 24)[0, 0] - black for number in range(VIEWS)]
    assert all(photo.shape == (24, 24) for photo in seen)
    found = [number for number, photo in enumerate(seen) if photo.max() > 0.01]
    assert [sum(number in views for number in found) for views in (range(2, 10), range(14, 18))] == [2, 1]
    assert len(found) == 3 and {found[0] % 2, found[1] % 2} == {0, 1}
    for number in found:
        row, column = divmod(int(seen[number].argmax()), 24)
        assert (row == 0) == (place[0] == 0) and (column == 0) == ((place[1] == 0) != (number % 2 == 1))


def test_the_middle_comes_at_three_sizes_each_with_its_mirror_image():
    whole = torch.randint(0, 256, (2, 3, 28, 28), dtype=torch.uint8)
    assert torch.equal(view(whole, 0, 24), centre(whole, 24))
    for plain, side in ((0, None), (10, 21), (12, 16)):
        seen = view(whole, plain, 24)
        assert torch.equal(view(whole, plain + 1, 24), seen.flip(-1))
        if side:
            part = v2.functional.resize(v2.functional.center_crop(whole, [side]), [24, 24])
            assert torch.allclose(seen, centre(part, 24), atol=0.02)


@pytest.mark.parametrize("crop", [28, 31, 32])
def test_the_same_bits_as_torchvisions_transforms(crop):
    squares = torch.randint(0, 256, (9, 3, 32, 32), dtype=torch.uint8)
    last = v2.Compose([v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, DEVIATION)])
    chance = v2.Compose([v2.RandomCrop(crop), v2.RandomHorizontalFlip(), last])
    torch.manual_seed(5)
    theirs = torch.stack([chance(photo) for photo in squares])
    torch.manual_seed(5)
    assert torch.equal(augment(squares, crop), theirs)
    assert torch.equal(centre(squares, crop), v2.Compose([v2.CenterCrop(crop), last])(squares))


@pytest.mark.parametrize("height, width", [(32, 33), (32, 47), (50, 32), (40, 60), (20, 90), (32, 32)])
def test_the_same_square_as_torchvisions(height, width):
    photo = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    theirs = v2.functional.center_crop(v2.functional.resize(Image.fromarray(photo), [32]), [32])
    assert (square(photo, 32) == np.asarray(theirs).transpose(2, 0, 1)).all()


def test_squares_are_the_same_cached_or_not():
    photos = np.random.default_rng(0).integers(0, 256, (5, 20, 24, 3), np.uint8)
    asked = []

    def read(row: int):
        asked.append(row)
        return photos[row]

    cached, streamed = Squares(read, 5, 16), Squares(read, 5, 16, cache_bytes=0)
    for _ in range(2):
        assert (cached.batch([4, 0]) == streamed.batch([4, 0])).all()
    assert asked.count(4) == 3 and cached.batch([1]).shape == (1, 3, 16, 16) and len(cached) == 5
