"""Reads a folder in Recipe1M's layout, in whatever form its layers are, as a stream: memory does not grow.

The three layers are joined on the recipe's id. Their order is not relied on: layer2 and det_ingrs go through
a temporary SQLite file, layer1 (the large one) is read once from front to back. Every record of every layer
is used, or yielded as rejected.
"""

import json
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seje.corpus.json_records import Unread
from seje.corpus.layers import find_layer, read_layer
from seje.corpus.parsing import Detected, parse, parse_detected, parse_id, parse_photos
from seje.data.records import LAYERS, BadRecord, Limits, Recipe, Rejected
from seje.errors import SejeError
from seje.progress import track

LAYER1, LAYER2, DET_INGRS = LAYERS


def read_recipes(
    source: Path, limits: Limits, records: Counter[str] | None = None
) -> Iterator[tuple[int, Recipe] | Rejected]:
    """Yield every recipe with its place in layer1, in order, and whatever was rejected of all layers.

    Args:
        source: the folder.
        limits: recipes with more lines are rejected.
        records: is given the number of records of each layer.

    Raises SejeError where a file that is needed is missing, or cannot be read.
    """
    counts = Counter[str]() if records is None else records
    layer1 = _need(source, [LAYER1], "it holds titles, ingredients and instructions")
    layer2 = _need(source, [LAYER2, f"{LAYER2}+"], "it tells which photos show which recipe")
    det_ingrs = find_layer(source, DET_INGRS)
    with _database() as database:
        database.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, good INT) WITHOUT ROWID")
        for layer in (LAYER2, DET_INGRS):
            database.execute(f"CREATE TABLE {layer} (id TEXT, position INT, record TEXT)")
        yield from _store_photos(database, layer2, counts)
        if det_ingrs:
            yield from _store_detected(database, det_ingrs, counts)
        for layer in (LAYER2, DET_INGRS):
            database.execute(f"CREATE INDEX {layer}_ids ON {layer} (id, position)")
        for position, raw in _records(layer1, LAYER1, counts):
            yield from _join(database, position, raw, limits)
        for layer in (LAYER2, DET_INGRS):
            yield from _alone(database, layer)


@contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    """Open a temporary database; raises SejeError where the disk of temporary files is full."""
    with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "layers.db") as database:
        database.execute("PRAGMA journal_mode = OFF")
        try:
            yield database
        except sqlite3.OperationalError as error:
            place = tempfile.gettempdir()
            raise SejeError(
                f"{place}, for temporary files: {error}: set TMPDIR to a disk with room"
            ) from None


def _join(
    database: sqlite3.Connection, position: int, raw: Any, limits: Limits
) -> Iterator[tuple[int, Recipe] | Rejected]:
    id_ = None
    try:
        id_ = _id(raw)
        names, again = _merged(_companions(database, LAYER2, id_))
        fitting, others = _fitting(raw, _companions(database, DET_INGRS, id_))
        recipe = parse(raw, names, fitting, limits)
        # Only a good record claims its id: a broken first copy must not cost the good second one.
        claim = "INSERT INTO seen VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET good = 1 WHERE NOT good"
        if not database.execute(claim, (id_,)).rowcount:
            raise BadRecord("id seen before")
    except BadRecord as error:
        if id_:
            database.execute("INSERT OR IGNORE INTO seen VALUES (?, 0)", (id_,))
        yield Rejected(LAYER1, position, id_ or _shown_id(raw), str(error))
    else:
        yield position, recipe
        yield from (Rejected(LAYER2, place, id_, "photo listed before", name) for place, name in again)
        yield from (Rejected(DET_INGRS, place, id_, reason) for place, reason in others)


def _merged(rows: list[tuple[int, str]]) -> tuple[list[str], list[tuple[int, str]]]:
    """Put the photos of a recipe's records of layer2.json together; those that come again apart."""
    first: dict[str, None] = {}
    again = []
    for place, name in ((place, name) for place, record in rows for name in json.loads(record)):
        if name in first:
            again.append((place, name))
        else:
            first[name] = None
    return list(first), again


def _fitting(
    raw: dict[str, Any], rows: list[tuple[int, str]]
) -> tuple[Detected | None, list[tuple[int, str]]]:
    """Take the first of a recipe's records of det_ingrs.json that fits; the others with a reason."""
    lines = raw.get("ingredients")
    fitting, others = None, []
    for place, record in rows:
        detected = Detected(*json.loads(record))
        if not isinstance(lines, list) or len(detected.entities) != len(lines):
            others.append((place, "does not fit the recipe's ingredient lines"))
        elif fitting:
            others.append((place, "id seen before"))
        else:
            fitting = detected
    return fitting, others


def _need(source: Path, names: list[str], purpose: str) -> Path:
    for name in names:
        if found := find_layer(source, name):
            return found
    wanted = " or ".join(f"{name}.json" for name in names)
    raise SejeError(
        f"{wanted} is missing in {source.resolve()}: {purpose}; name its folder (corpus.source). "
        f"{names[0]}.jsonl or a folder {names[0]}/ of *.jsonl or *.parquet will do as well"
    )


def _records(path: Path, layer: str, counts: Counter[str]) -> Iterator[tuple[int, Any]]:
    for position, raw in enumerate(track(read_layer(path), f"reading {path.name}")):
        counts[layer] += 1
        yield position, raw


def _store_photos(database: sqlite3.Connection, path: Path, counts: Counter[str]) -> Iterator[Rejected]:
    for position, raw in _records(path, LAYER2, counts):
        try:
            id_ = _id(raw)
            listed = parse_photos(raw)
        except BadRecord as error:
            yield Rejected(LAYER2, position, _shown_id(raw), str(error))
        else:
            _store(database, LAYER2, id_, position, listed.names)
            for name, reason in listed.rejected:
                yield Rejected(LAYER2, position, id_, reason, _shown(name) or "")


def _store_detected(database: sqlite3.Connection, path: Path, counts: Counter[str]) -> Iterator[Rejected]:
    for position, raw in _records(path, DET_INGRS, counts):
        try:
            id_ = _id(raw)
            detected = parse_detected(raw)
        except BadRecord as error:
            yield Rejected(DET_INGRS, position, _shown_id(raw), str(error))
        else:
            _store(database, DET_INGRS, id_, position, [detected.entities, detected.valid])


def _store(database: sqlite3.Connection, layer: str, id_: str, position: int, record: Any) -> None:
    database.execute(f"INSERT INTO {layer} VALUES (?, ?, ?)", (id_, position, json.dumps(record)))


def _companions(database: sqlite3.Connection, layer: str, id_: str) -> list[tuple[int, str]]:
    query = f"SELECT position, record FROM {layer} WHERE id = ? ORDER BY position"
    return database.execute(query, (id_,)).fetchall()


def _alone(database: sqlite3.Connection, layer: str) -> Iterator[Rejected]:
    """Reject the records of a layer that no good recipe has used."""
    query = f"SELECT position, {layer}.id, seen.id FROM {layer} LEFT JOIN seen USING (id) WHERE good IS NOT 1"
    for position, id_, known in database.execute(f"{query} ORDER BY position"):
        yield Rejected(
            layer, position, id_, "its recipe is set aside" if known else "layer1 has no such recipe"
        )


def _id(raw: Any) -> str:
    if isinstance(raw, Unread):
        raise BadRecord(raw.reason)
    return parse_id(raw)


def _shown_id(raw: Any) -> str | None:
    return _shown(raw.get("id")) if isinstance(raw, dict) else None


def _shown(name: Any) -> str | None:
    """Show a name of whatever kind where text that is whole can stand."""
    return name[:200].encode("utf-8", "backslashreplace").decode() if isinstance(name, str) else None
