"""The search index: the nearest of many unit vectors, by cosine, with FAISS.

N vectors, Q queries, E dimensions.
"""

import errno
import os
from pathlib import Path
from typing import Any, Literal, Protocol

import faiss
import numpy as np
import numpy.typing as npt

from seje.errors import SejeError

Embeddings = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Allowed = npt.NDArray[np.bool_]
Kind = Literal["flat", "rabitq"]

FLAT_UP_TO = 200_000  # vectors; so many are scanned in a few milliseconds
FACTORY = {"flat": "SQfp16", "rabitq": "RaBitQfs,Refine(SQfp16)"}  # FAISS's names; numbers as float16
BLOCK = 65_536  # vectors held in memory at a time
NARROWEST, WIDEST = 16, 1000  # of rabitq's k_factor; FAISS reads no index with a larger one


class Vectors(Protocol):
    """Vectors [N, E] in memory, on the disk, or made when they are asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """N and E."""

    def __len__(self) -> int:
        """N."""

    def __getitem__(self, rows: Any, /) -> Any:
        """Some of them: a slice, or rows in an array of any shape."""


class Searcher(Protocol):
    """What finds the nearest vectors; `Index` does, and `milvus.Milvus`."""

    def __len__(self) -> int:
        """Number of vectors."""

    def search(self, vectors: Floats, k: int) -> tuple[Floats, Rows]:
        """Find the k nearest of each query [Q, E]: cosines, falling, and rows, both [Q, k]."""

    def search_among(self, vector: Floats, k: int, allowed: Allowed) -> tuple[Floats, Rows]:
        """Find the k nearest of one query [E] in the rows that are allowed [N]; fewer if there are fewer."""


class Index:
    """Unit vectors in a FAISS index of one kind.

    `flat` compares all in full; `rabitq` compares one bit of each number, then the best of these in full.
    """

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors, kind: Kind | Literal["auto"]) -> "Index":
        """Index the vectors [N, E], which may be memory-mapped; they are stored as float16."""
        name = FACTORY[choose(kind, len(vectors))]
        index: Any = faiss.index_factory(vectors.shape[1], name, faiss.METRIC_INNER_PRODUCT)
        if len(vectors):
            index.train(_spread(vectors, BLOCK))
        for start in range(0, len(vectors), BLOCK):
            index.add(np.ascontiguousarray(vectors[start : start + BLOCK], np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> "Index":
        """Map an index that `save` wrote into memory: what a search does not touch is not read."""
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:
            reason = " ".join(str(error).split())[-160:]
            raise SejeError(f"{path} is no index of FAISS ({reason}): run `dvc repro index`") from None

    def save(self, path: Path) -> None:
        """Write the index as a file of FAISS; raises OSError where it cannot be written whole.

        FAISS itself does not say where closing a file fails: the last bytes would be missing.
        """
        failed: list[OSError] = []
        with path.open("wb") as file:

            def write(data: bytes) -> None:
                """Write a block as FAISS hands it over; what fails is kept, as FAISS drops it."""
                try:
                    file.write(data)
                except OSError as error:
                    failed.append(error)
                    raise

            try:
                writer = faiss.PyCallbackIOWriter(write, BLOCK)  # type: ignore[attr-defined]
                faiss.write_index(self._index, writer)
            except RuntimeError:
                raise (failed[0] if failed else OSError(errno.EIO, os.strerror(errno.EIO))) from None

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vectors: Floats, k: int) -> tuple[Floats, Rows]:
        """Find the k nearest of each query [Q, E]: cosines, falling, and rows, both [Q, k] (-1: none)."""
        k = min(k, len(self))
        if not k:
            return np.zeros((len(vectors), 0), np.float32), np.zeros((len(vectors), 0), np.int64)
        scores, rows = self._index.search(np.ascontiguousarray(vectors, np.float32), k)
        return scores, rows

    def search_among(self, vector: Floats, k: int, allowed: Allowed) -> tuple[Floats, Rows]:
        """Find the k nearest of one query [E] in the rows that are allowed [N]; fewer if there are fewer.

        A flat index is passed over once. The fast scan of rabitq takes no selector of FAISS.
        """
        flat = isinstance(faiss.downcast_index(self._index), faiss.IndexScalarQuantizer)
        if not (flat and len(self)):
            return widening(self, vector, k, allowed)
        selector: Any = faiss.IDSelectorBitmap
        parameters: Any = faiss.SearchParameters
        selected = parameters(sel=selector(np.packbits(allowed, bitorder="little")))
        (scores,), (rows,) = self._index.search(vector[None], min(k, len(self)), params=selected)
        return scores[rows >= 0], rows[rows >= 0]

    def widen(self, queries: Floats, vectors: Vectors, aim: float, k: int = 10) -> float:
        """Search wider, twofold each time, until recall@k of the queries reaches `aim`; returns it.

        The width is saved with the index. A flat index is as wide as can be.
        """
        index: Any = faiss.downcast_index(self._index)
        best = exact(queries, vectors, k)[0]
        width = NARROWEST
        while hasattr(index, "k_factor"):
            index.k_factor = min(width, WIDEST)
            if width >= WIDEST or recall(self, queries, vectors, best) >= aim:
                break
            width *= 2
        return recall(self, queries, vectors, best)


def widening(index: Searcher, vector: Floats, k: int, allowed: Allowed) -> tuple[Floats, Rows]:
    """Search wider, fourfold each time, until k of the rows that it finds are allowed, or all are seen."""
    looked_at = k
    while True:
        (scores,), (rows,) = index.search(vector[None], looked_at)
        fitting = np.flatnonzero((rows >= 0) & allowed[rows])[:k]
        if len(fitting) == k or looked_at >= len(index):
            return scores[fitting], rows[fitting]
        looked_at *= 4


def choose(kind: Kind | Literal["auto"], count: int) -> Kind:
    """Replace `auto` by the kind for so many vectors."""
    if kind != "auto":
        return kind
    return "flat" if count <= FLAT_UP_TO else "rabitq"


def exact(queries: Floats, vectors: Vectors, k: int) -> tuple[Floats, Rows]:
    """Compare all queries [Q, E] with all vectors [N, E]: the k highest cosines and their rows."""
    scores = np.zeros((len(queries), 0), np.float32)
    rows = np.zeros((len(queries), 0), np.int64)
    for start in range(0, len(vectors), BLOCK):
        block = queries @ np.asarray(vectors[start : start + BLOCK], np.float32).T
        best = np.argpartition(-block, min(k, block.shape[1]) - 1, axis=1)[:, :k]
        scores = np.hstack([scores, np.take_along_axis(block, best, 1)])
        rows = np.hstack([rows, start + best])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        scores, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)
    return scores, rows


def recall(index: Searcher, queries: Floats, vectors: Vectors, best: Floats) -> float:
    """Share of what the index finds that is truly among the k nearest, whose cosines are `best` [Q, k].

    What is as near as the k-th is right too: recipes written twice have the same vector.
    """
    if not best.size:
        return 1.0
    _, rows = index.search(queries, best.shape[1])
    found = np.einsum("qe,qke->qk", queries, np.asarray(vectors[rows], np.float32))
    return float(np.mean((rows >= 0) & (found >= best[:, -1:] - 1e-6)))


def _spread(vectors: Vectors, most: int) -> Floats:
    """Take at most so many vectors, evenly spread."""
    return np.ascontiguousarray(vectors[:: -(-len(vectors) // most)], np.float32)
