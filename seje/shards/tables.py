"""Tables that lie in shards, read shard by shard; and tables that are written row by row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seje.errors import SejeError
from seje.shards import manifest


def shard_batches(
    path: Path, number: int, columns: list[str] | None = None, rows: int = 1024
) -> Iterator[Any]:
    """Yield a shard of a Parquet table in record batches; raises SejeError where it is damaged."""
    with _opened(path, number) as file:
        yield from file.iter_batches(rows, columns=columns)


def shard_table(path: Path, number: int, columns: list[str]) -> Any:
    """Read some columns of a shard of a Parquet table; raises SejeError where it is damaged."""
    with _opened(path, number) as file:
        return file.read(columns)


@contextmanager
def _opened(path: Path, number: int) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = manifest.part(path, number)
    try:
        with pq.ParquetFile(part) as file:
            yield file
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno and not isinstance(error, FileNotFoundError):
            raise  # of the disk, not of what the file holds
        raise SejeError(
            f"{part} is damaged ({' '.join(str(error).split())[:160]}): run `dvc repro`"
        ) from None


@contextmanager
def row_writer(path: Path, schema: Any, batch: int = 2000) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Give a function that appends one row to a new Parquet file; holds `batch` rows at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = []
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:

        def flush() -> None:
            """Write the rows that are held as a row group."""
            writer.write_table(pa.Table.from_pylist(rows, schema))
            rows.clear()

        def append(row: dict[str, Any]) -> None:
            """Hold a row until its row group is full."""
            rows.append(row)
            if len(rows) == batch:
                flush()

        yield append
        flush()
