"""Writing and reading the pipeline's files: whole or not at all, and the same bytes for the same content."""

import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError

from seje.data.arrays import new_array
from seje.errors import SejeError
from seje.shards import manifest
from seje.shards.stacked import Stacked
from seje.shards.tables import row_writer

Array = npt.NDArray[Any]

ROWS_PER_GROUP = 20_000  # of a table: `read_row` decodes no more, in some 20 ms


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary place beside `path`, for a file or folder; rename it to `path` after the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{path.name}")
    _remove(part)
    try:
        with naming(path):
            yield part
            if part.is_dir():
                _remove(path)
            else:
                _give_usual_mode(part)
            os.replace(part, path)
    finally:
        _remove(part)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Say which file it was where a write fails: on a full disk the system does not."""
    try:
        yield
    except OSError as error:
        if error.errno and not error.filename:
            raise OSError(error.errno, os.strerror(error.errno), str(path)) from error
        raise


def need(path: Path, stage: str) -> Path:
    """Return `path` if it is there, whole or in shards; else say which stage makes it."""
    if not manifest.exists(path):
        raise SejeError(f"{path} is missing: run `dvc repro {stage}`, the stage that writes it")
    return path


@contextmanager
def reading(path: Path, stage: str) -> Iterator[None]:
    """Turn what readers raise of a damaged file into a SejeError that names the stage which writes it."""
    try:
        yield
    except (SafetensorError, ValueError, EOFError, RecursionError, OSError) as error:
        if isinstance(error, OSError) and error.errno:  # of the disk, not of what the file holds
            raise
        reason = " ".join(str(error).split())[:160]
        raise SejeError(f"{path} is damaged ({reason}): run `dvc repro {stage}`") from None


def read_json(path: Path, stage: str) -> Any:
    """Read a JSON file that `stage` wrote."""
    with reading(path, stage):
        return json.loads(need(path, stage).read_text(encoding="utf-8"))


def write_json(path: Path, data: Any) -> None:
    """Write finite numbers (rounded to 6 digits after the point) and containers as JSON that diffs well."""
    text = json.dumps(_plain(data), indent=2, ensure_ascii=True, allow_nan=False)
    with atomic(path) as part:
        part.write_text(text + "\n", encoding="utf-8")


def write_array(path: Path, array: Array) -> None:
    """Write one dense array as `.npy`."""
    with atomic(path) as part:
        out = new_array(part, array.dtype, array.shape)
        out[...] = array
        out.flush()


def read_array(path: Path, stage: str) -> Array:
    """Memory-map the `.npy` file that `stage` wrote; of several shards, as one array (`Stacked`)."""
    with reading(path, stage):
        arrays = [np.load(part, mmap_mode="r", allow_pickle=False) for part in parts(path, stage)]
    return arrays[0] if len(arrays) == 1 else cast(Array, Stacked(arrays))


def write_table(path: Path, table: Any) -> None:
    """Write a pyarrow table as Parquet."""
    import pyarrow.parquet as pq

    with atomic(path) as part:
        pq.write_table(table, part, row_group_size=ROWS_PER_GROUP, compression="zstd")


def read_table(path: Path, stage: str, columns: list[str] | None = None) -> Any:
    """Read the Parquet file that `stage` wrote as a pyarrow table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(path, stage):
        return pa.concat_tables(
            pq.read_table(part, columns=columns, memory_map=True) for part in parts(path, stage)
        )


def read_batches(path: Path, stage: str, columns: list[str] | None = None, rows: int = 1024) -> Iterator[Any]:
    """Read the Parquet file that `stage` wrote in record batches, a few rows at a time in memory."""
    import pyarrow.parquet as pq

    for part in parts(path, stage):
        with reading(path, stage), pq.ParquetFile(part) as file:
            yield from file.iter_batches(rows, columns=columns)


def count_rows(path: Path, stage: str) -> int:
    """Count the rows of the Parquet file that `stage` wrote, without reading them."""
    import pyarrow.parquet as pq

    counts = manifest.rows_of_parts(need(path, stage))
    if counts is not None:
        return sum(counts)
    with reading(path, stage):
        return int(pq.read_metadata(path).num_rows)


def read_row(path: Path, stage: str, row: int) -> dict[str, Any]:
    """Read one row of the Parquet file that `stage` wrote; decodes no more than the row's group."""
    import pyarrow.parquet as pq

    for part in parts(path, stage):
        with reading(path, stage), pq.ParquetFile(part) as file:
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if row < rows:
                    return dict(file.read_row_group(group).slice(row, 1).to_pylist()[0])
                row -= rows
    raise IndexError(f"{path} has no such row")


def parts(path: Path, stage: str) -> list[Path]:
    """The files of this machine that hold the file that `stage` wrote: itself, or its shards."""
    return manifest.parts(need(path, stage))


def place_of(column: Any, value: str) -> int:
    """Find the row of a string in a table's column; -1 where it is not, as what UTF-8 cannot spell."""
    import pyarrow.compute as pc

    try:
        return int(pc.index(column, value).as_py())
    except UnicodeEncodeError:
        return -1


@contextmanager
def table_rows(path: Path, schema: Any, batch: int = 2000) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Give a function that appends one row to the Parquet file `path`; holds `batch` rows at a time."""
    with atomic(path) as part, row_writer(part, schema, batch) as append:
        yield append


def write_weights(path: Path, tensors: dict[str, Any], config: dict[str, Any]) -> None:
    """Write a state dict as safetensors, and beside it, as JSON, what rebuilds its module."""
    from safetensors.torch import save

    with atomic(path) as part:  # written by Python, whose errors say what the disk said
        part.write_bytes(save({name: tensor.contiguous() for name, tensor in tensors.items()}))
    write_json(path.with_suffix(".json"), config)


def read_weights(path: Path, stage: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a state dict and its config, as `write_weights` wrote them."""
    from safetensors.torch import load_file

    config = read_json(path.with_suffix(".json"), stage)
    with reading(path, stage):
        return load_file(need(path, stage)), config


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float | np.floating):
        if not math.isfinite(data):
            raise ValueError(f"a metric is {data}: metrics are finite numbers")
        return round(float(data), 6)
    return data.item() if isinstance(data, np.generic) else data


def _give_usual_mode(path: Path) -> None:
    """Give a file the mode that open() gives: some libraries write for their owner alone."""
    probe = path.with_name(f"{path.name}.mode")
    probe.touch()
    path.chmod(probe.stat().st_mode)
    probe.unlink()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
