"""The photo store: all photos as JPEG in a memory-mapped Arrow IPC file, or in several, its shards."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from seje.errors import SejeError
from seje.photos.decoding import Pixels, decode
from seje.shards import manifest

SCHEMA = pa.schema(
    {"photo": pa.string(), "recipe": pa.int32(), "partition": pa.string(), "jpeg": pa.binary()}
)
ROWS_PER_BATCH = 256


@contextmanager
def store_writer(path: Path, size: int) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Give a function that appends a row (a dict of SCHEMA's fields) to a store of `size`-pixel photos."""
    rows: list[dict[str, Any]] = []
    schema = SCHEMA.with_metadata({"size": str(size)})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:

        def flush() -> None:
            """Write the rows that are held as a batch."""
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema))
            rows.clear()

        def append(row: dict[str, Any]) -> None:
            """Hold a row until its batch is full."""
            rows.append(row)
            if len(rows) == ROWS_PER_BATCH:
                flush()

        yield append
        if rows:
            flush()


def copy_without(source: Path, rows: npt.NDArray[np.int64], target: Path) -> None:
    """Copy a store, batch by batch, without some of its rows."""
    dropped = set(rows.tolist())
    readers = [pa.ipc.open_file(pa.memory_map(str(part))) for part in manifest.parts(source)]
    with pa.OSFile(str(target), "wb") as file, pa.ipc.new_file(file, readers[0].schema) as writer:
        start = 0
        for reader in readers:
            for number in range(reader.num_record_batches):
                batch = reader.get_batch(number)
                kept = [start + row not in dropped for row in range(batch.num_rows)]
                start += batch.num_rows
                writer.write_batch(batch.filter(pa.array(kept)))


class Photos:
    """Reads a store. A photo is known by its row; rows lie in the order of the recipes.

    `size` is the shorter side that photos were shrunk to, in pixels; `starts` the first row of each shard.
    """

    def __init__(self, path: Path) -> None:
        try:
            readers = [pa.ipc.open_file(pa.memory_map(str(part))) for part in manifest.parts(path)]
            self._batches = [
                reader.get_batch(number) for reader in readers for number in range(reader.num_record_batches)
            ]
            self._table = pa.Table.from_batches(self._batches, readers[0].schema)
            self.size = int(readers[0].schema.metadata[b"size"])
        except (OSError, pa.ArrowInvalid, TypeError, KeyError) as error:
            raise SejeError(f"{path} is not a photo store ({error}): run `dvc repro images`") from None
        self._ends = np.cumsum([0, *(batch.num_rows for batch in self._batches)]).tolist()
        batches = np.cumsum([0, *(reader.num_record_batches for reader in readers[:-1])])
        self.starts = np.asarray(self._ends, np.int64)[batches]

    def __len__(self) -> int:
        return int(self._ends[-1])

    @cached_property
    def photos(self) -> npt.NDArray[np.str_]:
        """File names of the photos."""
        return np.asarray(self._table["photo"].to_pylist(), dtype=np.str_)

    @cached_property
    def recipes(self) -> npt.NDArray[np.int32]:
        """The recipes' rows in the corpus."""
        return np.asarray(self._table["recipe"].to_numpy(), dtype=np.int32)

    @cached_property
    def partitions(self) -> npt.NDArray[np.str_]:
        """Names of the partitions."""
        return np.asarray(self._table["partition"].to_pylist(), dtype=np.str_)

    def jpeg(self, row: int) -> memoryview:
        """Encoded photo, a view of the mapped file."""
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)} photos")
        batch = bisect_right(self._ends, row) - 1
        column = self._batches[batch].column("jpeg")
        return memoryview(column[row - self._ends[batch]].as_buffer())

    def decode(self, row: int) -> Pixels:
        """Photo as a uint8 array [H, W, 3]."""
        return decode(self.jpeg(row))
