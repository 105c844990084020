"""Reads a folder in Recipe1M's layout as a stream: memory does not grow with the files.

The three layers are joined on the recipe's id. Their order is not relied on: layer2 and det_ingrs go through
a temporary SQLite file, layer1 (the large one) is read once from front to back.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ijson

from seje.data.records import BadRecord, Limits, Recipe, Rejected, parse
from seje.errors import SejeError
from seje.progress import track


def read_recipes(source: Path, limits: Limits) -> Iterator[Recipe | Rejected]:
    """Yield every record of layer1.json in order, as a recipe or as rejected.

    Raises SejeError where a file that is needed is missing, or is not a JSON array.
    """
    layer1 = _need(source, ["layer1.json"], "it holds titles, ingredients and instructions")
    layer2 = _need(source, ["layer2.json", "layer2+.json"], "it tells which photos show which recipe")
    det_ingrs = source / "det_ingrs.json"
    with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "layers.db") as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID")
        _store(database, "layer2", layer2)
        _store(database, "det_ingrs", det_ingrs if det_ingrs.exists() else None)
        for position, raw in enumerate(track(_records(layer1), "reading layer1.json")):
            yield _join(database, position, raw, limits)


def _join(database: sqlite3.Connection, position: int, raw: Any, limits: Limits) -> Recipe | Rejected:
    key = raw.get("id") if isinstance(raw, dict) and isinstance(raw.get("id"), str) else None
    try:
        layer2, detected = (_companion(database, table, key) for table in ("layer2", "det_ingrs"))
        recipe = parse(raw, layer2, detected, limits)
        # Only a good record claims its id: a broken first copy must not cost the good second one.
        if not database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount:
            raise BadRecord("id seen before")
    except BadRecord as error:
        return Rejected(position, key, str(error))
    return recipe


def _need(source: Path, names: list[str], purpose: str) -> Path:
    for name in names:
        if (source / name).is_file():
            return source / name
    wanted = " or ".join(names)
    raise SejeError(f"{wanted} is missing in {source.resolve()}: {purpose}; set corpus.source to its folder")


def _records(path: Path) -> Iterator[Any]:
    count = 0
    with path.open("rb") as file:
        try:
            if file.read(512).lstrip()[:1] != b"[":
                raise SejeError(f"{path}: not a JSON array of records")
            file.seek(0)
            for record in ijson.items(file, "item", use_float=True):
                yield record
                count += 1
        except (ijson.JSONError, UnicodeDecodeError) as error:
            problem = " ".join(str(error).split())[:100]
            raise SejeError(
                f"{path}: broken JSON after {count} records ({problem}); fetch it again"
            ) from None


def _store(database: sqlite3.Connection, table: str, path: Path | None) -> None:
    database.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, record TEXT) WITHOUT ROWID")
    records = track(_records(path), f"reading {path.name}") if path else iter(())
    rows = ((record["id"], json.dumps(record)) for record in records if _has_id(record))
    database.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", rows)


def _has_id(record: Any) -> bool:
    return isinstance(record, dict) and isinstance(record.get("id"), str)


def _companion(database: sqlite3.Connection, table: str, key: str | None) -> Any:
    row = database.execute(f"SELECT record FROM {table} WHERE id = ?", (key,)).fetchone()
    return json.loads(row[0]) if row else None
