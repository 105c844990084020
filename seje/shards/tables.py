"""Tables that lie in shards, read shard by shard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seje.errors import SejeError
from seje.shards import manifest


def shard_batches(path: Path, number: int, columns: list[str], rows: int = 1024) -> Iterator[Any]:
    """Yield a shard of a Parquet table in record batches; raises SejeError where it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    part = manifest.part(path, number)
    try:
        with pq.ParquetFile(part) as file:
            yield from file.iter_batches(rows, columns=columns)
    except (pa.ArrowInvalid, FileNotFoundError) as error:
        raise SejeError(
            f"{part} is damaged ({' '.join(str(error).split())[:160]}): run `dvc repro`"
        ) from None
