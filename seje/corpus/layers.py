"""Where a layer of a source is, and its records, in whatever form it has: one file, or a folder of files.

A file is a JSON array or JSON Lines (`layer1.json`, `layer1.jsonl`, either packed by gzip); a folder
(`layer1/`) holds files of JSON Lines or Parquet tables, which are read in the order of their names.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seje.corpus.json_records import read_records
from seje.corpus.parquet_records import read_rows
from seje.errors import SejeError

TABLE = ".parquet"
LINES = (".jsonl", ".jsonl.gz")


def find_layer(source: Path, name: str) -> Path | None:
    """Find a layer's file or folder, None where there is none; raises SejeError where there are several."""
    files = [source / f"{name}{suffix}" for suffix in (".json", *LINES)]
    found = [path for path in files if path.is_file()]
    if (source / name).is_dir():
        found.append(source / name)
    if len(found) > 1:
        several = " and ".join(path.name for path in found)
        raise SejeError(f"{source.resolve()} holds {several}: each may be {name}, keep one of them")
    return found[0] if found else None


def read_layer(path: Path) -> Iterator[Any]:
    """Yield a layer's records in order, and Unread in place of one that cannot be read.

    Raises SejeError where a file is of another kind, damaged or cut off, or a folder holds none.
    """
    for part in _parts(path) if path.is_dir() else [path]:
        yield from read_rows(part) if part.name.endswith(TABLE) else read_records(part)


def _parts(folder: Path) -> list[Path]:
    """List the files of a folder that hold records; those of other names are writers' own."""
    parts = [path for path in sorted(folder.iterdir()) if path.name.endswith((TABLE, *LINES))]
    parts = [path for path in parts if not path.name.startswith((".", "_"))]
    if not parts:
        raise SejeError(f"{folder} holds no records: it needs files *{TABLE} or *{LINES[0]}")
    return parts
