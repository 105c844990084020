"""Vectors with their ids as a Parquet file: columns `id` (string) and `vector` (list of float32).

N vectors, E dimensions.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Append = Callable[[Sequence[str], Vectors], None]


@contextmanager
def vector_writer(path: Path, dimensions: int) -> Iterator[Append]:
    """Give a function that appends ids and their vectors as a row group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema({"id": pa.string(), "vector": pa.list_(pa.float32(), dimensions)})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:

        def append(ids: Sequence[str], vectors: Vectors) -> None:
            """Write a row group."""
            flat = pa.array(np.ascontiguousarray(vectors, np.float32).ravel())
            column = pa.FixedSizeListArray.from_arrays(flat, dimensions)
            writer.write_table(pa.table([pa.array(ids, pa.string()), column], schema=schema))

        yield append


def read_vectors(path: Path) -> tuple[list[str], Vectors]:
    """Read ids and vectors [N, E], a row group at a time; raises ValueError where the file has none."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        if not {"id", "vector"} <= set(file.schema_arrow.names):
            raise ValueError("needs the columns id and vector")
        rows, ids, vectors = file.metadata.num_rows, list[str](), None
        for batch in file.iter_batches(columns=["id", "vector"]):
            part = _matrix(batch["vector"])
            if batch["id"].null_count:
                raise ValueError("an id is missing")
            if vectors is None:
                vectors = np.empty((rows, part.shape[1]), np.float32)
            if part.shape[1] != vectors.shape[1]:
                raise ValueError("its vectors are not of one length")
            vectors[len(ids) : len(ids) + len(part)] = part
            ids += map(str, batch["id"].to_pylist())
    if vectors is None:
        raise ValueError("holds no vector")
    return ids, vectors


def _matrix(column: Any) -> Vectors:
    """Give a column of lists of one length as a matrix."""
    import pyarrow as pa

    if not pa.types.is_list(column.type) and not pa.types.is_fixed_size_list(column.type):
        raise ValueError(f"vector is {column.type}, not a list of numbers")
    values = column.flatten()
    if column.null_count or values.null_count or len(values) % len(column):
        raise ValueError("a vector is missing, or not as long as others")
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type)):
        raise ValueError(f"vector is {column.type}, not a list of numbers")
    matrix = np.asarray(values.to_numpy(zero_copy_only=False), np.float32).reshape(len(column), -1)
    if pa.types.is_list(column.type) and (np.diff(column.offsets.to_numpy()) != matrix.shape[1]).any():
        raise ValueError("a vector is missing, or not as long as others")
    return matrix
