"""Photos as a network takes them: squares of uint8, crops of 7/8, ImageNet's mean and variance.

B batch, S side of a square, C side of a crop.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from seje.photos.decoding import Pixels

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CACHE_BYTES = 1 << 30

# Views from the third on: side of the part that is cut out, and its place from top and left, as shares.
LARGE, SMALL = 3 / 4, 4 / 7
PARTS: list[tuple[float, float, float]] = [
    *((LARGE, *place) for place in ((1, 0), (1, 1), (0, 0), (0, 1))),
    *((LARGE, *place) for place in ((1, 1), (1, 0), (0, 1), (0, 0))),  # mirrored the other way
    *((side, 0.5, 0.5) for side in (LARGE, LARGE, SMALL, SMALL)),
    *((SMALL, *place) for place in ((0, 0), (0, 1), (1, 0), (1, 1))),
]
VIEWS = 2 + len(PARTS)

Read = Callable[[int], Pixels]


def crop_side(size: int) -> int:
    """Side of the crop that a network sees of a square: 224 of 256, as in the paper."""
    return size * 7 // 8


def square(pixels: Pixels, size: int) -> Pixels:
    """Resize a photo [H, W, 3] so that its shorter side is `size`, cut out the middle [3, S, S].

    Done by Pillow: torch in threads of its own would start a team of threads in each.
    """
    if min(pixels.shape[:2]) != size:
        from torchvision.transforms.v2 import functional

        pixels = np.asarray(functional.resize(Image.fromarray(pixels), [size]))
    top, left = (round((side - size) / 2) for side in pixels.shape[:2])
    return pixels[top : top + size, left : left + size].transpose(2, 0, 1)


def augment(squares: Tensor, crop: int) -> Tensor:
    """Crop and flip each square [B, 3, S, S] on its own, by torch's random state; normalised [B, 3, C, C].

    What v2.RandomCrop and v2.RandomHorizontalFlip give, bit by bit, without their cost for each photo.
    """
    shape = (len(squares), 3, crop, crop)
    cut = torch.empty(shape, dtype=squares.dtype, device=squares.device, memory_format=torch.channels_last)
    room = squares.shape[-1] - crop + 1
    for photo, place in zip(squares, cut, strict=True):
        top, left = (int(torch.randint(room, ())) if room > 1 else 0 for _ in range(2))
        part = photo[:, top : top + crop, left : left + crop]
        place.copy_(part.flip(-1) if torch.rand(1) < 0.5 else part)
    return _normalise(cut)


def centre(squares: Tensor, crop: int) -> Tensor:
    """Cut the middle out of each square [B, 3, S, S]; normalised [B, 3, C, C]."""
    from torchvision.transforms.v2 import functional

    return _normalise(functional.center_crop(squares, [crop]))


def view(squares: Tensor, number: int, crop: int) -> Tensor:
    """Cut view 0 to 17 out of each square [B, 3, S, S]; normalised [B, 3, C, C].

    0 is the centre at C pixels; 2 to 5 are the corners at 3/4 of the square, 6 to 9 these in their other
    sense, 10 and 11 its middle; 12 and 13 are the middle at 4/7, 14 to 17 the corners. Odd ones are mirrored.
    """
    from torchvision.transforms.v2 import functional

    if number < 2:
        seen = centre(squares, crop)
    else:
        share, *place = PARTS[number - 2]
        side = squares.shape[-1]
        part = round(side * share)
        top, left = (round((side - part) * shift) for shift in place)
        seen = _normalise(functional.resized_crop(squares, top, left, part, part, [crop, crop]))
    return seen.flip(-1) if number % 2 else seen


def _normalise(pixels: Tensor) -> Tensor:
    """Do what v2.ToDtype and v2.Normalize do, bit by bit, in place: a batch is large, new memory slow."""
    result = pixels.to(torch.float32, memory_format=torch.channels_last)
    rows = result.permute(0, 2, 3, 1).flatten(2)  # [B, C, 3 C], a view whose inner loop is long
    mean, deviation = torch.tensor([MEAN, DEVIATION], device=pixels.device).repeat(1, pixels.shape[-1])
    rows.mul_(1 / 255).sub_(mean).div_(deviation)
    return result


class Photographs(Protocol):
    """Photos of which batches are asked for by their rows: as squares, or as features of one's own."""

    def __len__(self) -> int:
        """How many they are."""

    def batch(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """What a classifier takes of some of them."""


class Squares:
    """Photos as squares, decoded when first asked for; kept in memory if all of them fit."""

    def __init__(self, read: Read, count: int, size: int, cache_bytes: int = CACHE_BYTES) -> None:
        self._read, self.size = read, size
        fits = count * 3 * size * size <= cache_bytes
        # Channels last, as decoders give them and networks take them.
        self._cache = np.empty((count, size, size, 3), np.uint8).transpose(0, 3, 1, 2) if fits else None
        self._cached = np.zeros(count, dtype=bool)

    def __len__(self) -> int:
        return len(self._cached)

    def batch(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> Pixels:
        """Squares of these photos, uint8 [B, 3, S, S]."""
        return np.stack([self._one(int(row)) for row in rows])

    def _one(self, row: int) -> Pixels:
        if self._cache is None:
            return square(self._read(row), self.size)
        if not self._cached[row]:
            self._cache[row] = square(self._read(row), self.size)
            self._cached[row] = True
        one: Pixels = self._cache[row]
        return one
