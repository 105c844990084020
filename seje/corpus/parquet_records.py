"""Records of a Parquet table as a stream: a row each, its columns those that a record of JSON names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seje.corpus.json_records import NOT_UTF8
from seje.errors import SejeError

ROWS = 1024  # that are held as records
# All that is read of the layers' records; a table may have more beside it.
FIELDS = frozenset(
    ("id", "partition", "title", "ingredients", "instructions", "source", "url", "images", "valid")
)


def read_rows(path: Path) -> Iterator[Any]:
    """Yield the rows in order, and Unread in place of one whose text is not UTF-8.

    Raises SejeError where the file is damaged, is no table or has no ids.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    read = 0
    try:
        with pq.ParquetFile(path) as file:
            columns = [name for name in file.schema_arrow.names if name in FIELDS]
            if "id" not in columns:
                raise SejeError(f"{path}: has no column id: its columns are named as the keys of layer1.json")
            for batch in file.iter_batches(ROWS, columns=columns):
                for record in _records(batch):
                    read += 1
                    yield record
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())[:160]
        raise SejeError(
            f"{path}: broken Parquet after {read} records ({reason}): fetch it again, or write it again"
        ) from None


def _records(batch: Any) -> Iterator[Any]:
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:  # Parquet's own readers do not look
        yield from (_record(batch.slice(row, 1)) for row in range(len(batch)))


def _record(row: Any) -> Any:
    try:
        return row.to_pylist()[0]
    except UnicodeDecodeError:
        return NOT_UTF8
