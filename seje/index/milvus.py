"""The search index in Milvus: a local file (milvus-lite), or the address of a server or a cluster."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from seje.errors import SejeError
from seje.index.faiss_index import Allowed, Floats, Rows, Vectors, widening
from seje.index.lock_holder import lock_holder

VECTORS_IN_A_REQUEST = 1000  # vectors in one request


class Milvus:
    """Vectors in a collection of Milvus, by inner product.

    Args:
        uri: a local file, or an address.
        name: which vectors: a collection's name begins with it.
        origin: tells the file that they are of; a collection's name ends with it, so that others are not
            taken for these, and a server keeps it (a description is lost in a local file).
    """

    def __init__(self, uri: str, name: str, origin: str) -> None:
        self._collection = f"{name}_{origin}"
        self._client = _connect(uri)
        if not self._client.has_collection(self._collection):
            others = _of(self._client, name)
            told = f"other {name} than those of the index" if others else f"no {name}"
            raise SejeError(f"{uri} holds {told}: run `dvc repro index`")
        self._client.load_collection(self._collection)

    @classmethod
    def build(cls, uri: str, name: str, origin: str, vectors: Vectors) -> "Milvus":
        """Put the vectors [N, E] into a collection, in the place of older ones of this name."""
        client, collection = _connect(uri), f"{name}_{origin}"
        for old in _of(client, name):
            client.drop_collection(old)
        client.create_collection(
            collection, dimension=vectors.shape[1], metric_type="IP", consistency_level="Strong"
        )
        for start in range(0, len(vectors), VECTORS_IN_A_REQUEST):
            part = np.asarray(vectors[start : start + VECTORS_IN_A_REQUEST], np.float32)
            client.insert(
                collection, [{"id": row, "vector": vector} for row, vector in enumerate(part, start)]
            )
        client.flush(collection)
        return cls(uri, name, origin)

    def __len__(self) -> int:
        return int(self._client.get_collection_stats(self._collection)["row_count"])

    def search(self, vectors: Floats, k: int) -> tuple[Floats, Rows]:
        """Find the k nearest of each query [Q, E]: cosines, falling, and rows, both [Q, k]."""
        k = min(k, len(self))
        if not k:
            return np.zeros((len(vectors), 0), np.float32), np.zeros((len(vectors), 0), np.int64)
        found = self._client.search(self._collection, list(np.asarray(vectors, np.float32)), limit=k)
        scores = [[hit["distance"] for hit in hits] for hits in found]
        rows = [[hit["id"] for hit in hits] for hits in found]
        return np.asarray(scores, np.float32), np.asarray(rows, np.int64)

    def search_among(self, vector: Floats, k: int, allowed: Allowed) -> tuple[Floats, Rows]:
        """Find the k nearest of one query [E] in the rows that are allowed [N]; fewer if there are fewer.

        Not by an expression, which would name every row: a category may hold a third of the corpus.
        """
        return widening(self, vector, k, allowed)

    def close(self) -> None:
        """End the connection; a local file can be opened again then."""
        self._client.close()


def _of(client: Any, name: str) -> list[str]:
    return [other for other in client.list_collections() if other.startswith(f"{name}_")]


def _connect(uri: str) -> Any:
    try:
        from pymilvus import MilvusClient
        from pymilvus.exceptions import MilvusException
    except ImportError:
        raise SejeError(f"index.uri is {uri}, but Milvus is missing: pip install 'seje[milvus]'") from None
    with _logged() as reasons:
        try:
            return MilvusClient(uri)
        except (MilvusException, OSError, ValueError) as error:
            reason = reasons[0] if reasons else error
    if type(reason).__name__ == "DataDirLockedError":
        holder = lock_holder(Path(uri) / "LOCK")
        raise SejeError(
            f"index.uri: {uri} is in use by {holder}, and by one at a time: wait for it, or end it"
        )
    raise SejeError(f"index.uri: {uri}: Milvus cannot be opened ({' '.join(str(reason).split())[:160]})")


@contextmanager
def _logged() -> Iterator[list[BaseException]]:
    """Collect what Milvus Lite would log, with a traceback, instead of raising it."""
    found: list[BaseException] = []

    def keep(record: logging.LogRecord) -> bool:
        """Take the exception of a record; lets the others pass."""
        if record.exc_info and record.exc_info[1]:
            found.append(record.exc_info[1])
        return not record.exc_info

    logger = logging.getLogger("milvus_lite.server_manager")
    logger.addFilter(keep)
    try:
        yield found
    finally:
        logger.removeFilter(keep)
