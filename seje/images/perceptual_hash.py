"""Photos that look the same: a perceptual hash that shrinking and encoding again leave nearly as it was.

Zauner, Implementation and benchmarking of perceptual image hash functions, 2010: which of the slow waves of
the photo's cosine transform are stronger than their median. imagehash's phash is the same with brightness
in it; it would bring PyWavelets for five lines.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.fft import dctn

from seje.data.duplicates import Rows, groups

Looks = npt.NDArray[np.uint16]

SIDE = 32  # pixels that the photo is shrunk to
WAVES = 16  # waves in each direction: 256 bits
WORDS = WAVES * WAVES // 16  # of 16 bits
ALIKE = 20  # bits that may differ: 99 % of copies differ in up to 18, photos of other dishes in 40 and more


def looks(image: Image.Image) -> Looks:
    """Hash an RGB photo to 256 bits, (WORDS,)."""
    grey = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    waves = dctn(np.asarray(grey, np.float64), norm="ortho")[:WAVES, :WAVES].ravel()
    waves[0] = 0  # brightness, which is no matter
    found: Looks = np.packbits(waves > np.median(waves)).view(np.uint16)
    return found


def look_alikes(hashes: Looks) -> list[Rows]:
    """Groups of photos, by their hashes (N, WORDS), that are copies of one photo.

    Photos are compared that agree in any two words: of words of 16 bits, copies always leave a few alone.
    """
    return groups(
        len(hashes), _keys(hashes.astype(np.uint32)), lambda i, j: _apart(hashes[i], hashes[j]) <= ALIKE
    )


def _keys(words: npt.NDArray[np.uint32]) -> Iterator[npt.NDArray[Any]]:
    # The whole first: exact copies lie side by side there, however many photos share two words.
    weights = np.random.default_rng(0).integers(2**63, size=WORDS, dtype=np.uint64) | np.uint64(1)
    yield words.astype(np.uint64) @ weights
    for one, other in combinations(range(WORDS), 2):
        yield words[:, one] << np.uint32(16) | words[:, other]


def _apart(one: Looks, other: Looks) -> Rows:
    bits: Rows = np.bitwise_count(one ^ other).sum(axis=1, dtype=np.int64)
    return bits
