"""Recipes that say nearly the same: MinHash over title and ingredients (Broder, 1997).

datasketch makes the signatures. Its MinHashLSH keeps a Python dictionary for each band, too slow and large
for a million recipes; the bands are sorted as arrays here.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
from datasketch import MinHash

from seje.data.duplicates import Rows, groups
from seje.text.tokens import words

Signature = npt.NDArray[np.uint32]

PERMUTATIONS = 128
BAND = 4  # hashes that must agree for two recipes to be compared: 32 bands of 4
ALIKE = 0.8  # Jaccard similarity from which on two recipes are the same


def signature(title: str, ingredients: Sequence[str]) -> Signature:
    """MinHash of the neighbouring words of title and ingredient lines, (PERMUTATIONS,)."""
    minhash = _empty().copy()
    minhash.update_batch([text.encode() for text in _shingles([title, *ingredients])])
    found: Signature = minhash.hashvalues.astype(np.uint32)
    return found


def near_duplicates(signatures: npt.NDArray[np.uint32]) -> list[Rows]:
    """Groups of recipes, by their signatures (N, PERMUTATIONS), that are the same but for a few words."""
    weights = np.random.default_rng(0).integers(2**63, size=PERMUTATIONS, dtype=np.uint64) | np.uint64(1)
    bands = range(0, PERMUTATIONS, BAND)
    keys = (signatures[:, start : start + BAND] @ weights[:BAND] for start in bands)
    # The whole first: exact copies lie side by side there, however many recipes share a band.
    return groups(
        len(signatures),
        chain([signatures @ weights], keys),
        lambda i, j: np.mean(signatures[i] == signatures[j], axis=1) >= ALIKE,
    )


@cache
def _empty() -> MinHash:
    return MinHash(PERMUTATIONS)


def _shingles(lines: Sequence[str]) -> set[str]:
    each = [words(line) for line in lines]
    pairs = {" ".join(pair) for line in each for pair in pairwise(line)}
    return pairs | {line[0] for line in each if len(line) == 1} or {lines[0]}
