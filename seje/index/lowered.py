"""Vectors and an index whose cosines are lowered by an offset of each (`retrieval.hubness`).

The offset is one dimension more: -offset behind a vector, 1 behind a query. So whatever searches by inner
product searches by cosine less offset, as exactly as by cosine.

N vectors, Q queries, E dimensions.
"""

from typing import Any

import numpy as np

from seje.index.faiss_index import Allowed, Floats, Rows, Searcher, Vectors


class LoweredVectors:
    """Vectors [N, E] that may be memory-mapped, with offsets [N]: rows of [N, E + 1], made when asked for."""

    def __init__(self, vectors: Vectors, offsets: Floats) -> None:
        self._vectors, self._offsets = vectors, offsets
        self.shape = (len(vectors), vectors.shape[1] + 1)

    def __len__(self) -> int:
        return len(self._vectors)

    def __getitem__(self, rows: Any) -> Floats:
        return np.concatenate([self._vectors[rows], -self._offsets[rows][..., None]], axis=-1)


class Lowered:
    """Searches an index of `LoweredVectors` in the order of cosine less offset; tells plain cosines.

    A cosine means the same in every index and for every item; less an offset it depends on the bank.
    """

    def __init__(self, index: Searcher, offsets: Floats) -> None:
        self._index, self._offsets = index, offsets

    def __len__(self) -> int:
        return len(self._index)

    def search(self, vectors: Floats, k: int) -> tuple[Floats, Rows]:
        """Find the k first of each query [Q, E]: cosines, which need not fall, and rows, both [Q, k]."""
        scores, rows = self._index.search(asked(vectors), k)
        return scores + self._offsets[rows], rows

    def search_among(self, vector: Floats, k: int, allowed: Allowed) -> tuple[Floats, Rows]:
        """Find the k first of one query [E] in the rows that are allowed [N]; fewer if there are fewer."""
        scores, rows = self._index.search_among(asked(vector[None])[0], k, allowed)
        return scores + self._offsets[rows], rows


def asked(queries: Floats) -> Floats:
    """Give queries [Q, E] the dimension [Q, E + 1] that meets the offset."""
    return np.concatenate([queries, np.ones((len(queries), 1), queries.dtype)], axis=1)
