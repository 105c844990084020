"""Stage `corpus`: recipes of `corpus.source` that can be used, and the others with a reason each."""

import shutil
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa

from seje import files, params, paths
from seje.data.duplicates import Rows, between_partitions
from seje.data.recipe1m import read_recipes
from seje.data.records import PARTITIONS, Limits, Recipe
from seje.errors import SejeError
from seje.text.minhash import Signature, near_duplicates, signature

_LINES = pa.list_(pa.string())
RECIPES = pa.schema(
    {"id": pa.string(), "partition": pa.string(), "title": pa.string(), "ingredients": _LINES}
    | {"instructions": _LINES, "entities": _LINES, "valid": pa.list_(pa.bool_()), "photos": _LINES}
    | {"source": pa.string()}
)
DUPLICATES = pa.schema({"group": pa.int32(), "id": pa.string(), "partition": pa.string()})
LEAK = "nearly repeats a recipe of test"
REJECTED = pa.schema({"position": pa.int64(), "id": pa.string(), "reason": pa.string()})


class _Seen:
    """What is held of each good recipe while the others are read."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.ids: list[str] = []
        self.partitions: list[str] = []
        self.signatures: list[Signature] = []
        self.photos: Counter[str] = Counter()

    def add(self, position: int, recipe: Recipe) -> None:
        """Hold what is needed of the recipe at a position in the source."""
        self.positions.append(position)
        self.ids.append(recipe.id)
        self.partitions.append(recipe.partition)
        self.signatures.append(signature(recipe.title, recipe.ingredients))
        self.photos.update(recipe.photos)


def run(corpus: params.Corpus) -> None:
    """Read, check and write recipes one by one; raises SejeError where none is left."""
    reasons: Counter[str] = Counter()
    seen = _Seen()
    limits = Limits(corpus.max_ingredients, corpus.max_instructions)
    with tempfile.TemporaryDirectory() as folder, files.table_rows(paths.Corpus.REJECTED, REJECTED) as reject:
        good = Path(folder) / "recipes.parquet"
        with files.table_rows(good, RECIPES) as add:
            for position, record in enumerate(read_recipes(Path(corpus.source), limits)):
                if isinstance(record, Recipe):
                    add(asdict(record))
                    seen.add(position, record)
                else:
                    reject(asdict(record))
                    reasons[record.reason] += 1
        if not seen.ids:
            raise SejeError(f"{corpus.source}: no good recipe in layer1.json; {dict(reasons)}")
        found = near_duplicates(np.stack(seen.signatures))
        dropped = _leaks(found, seen.partitions) if corpus.leaks == "drop" else []
        for row in dropped:
            reject({"position": seen.positions[row], "id": seen.ids[row], "reason": LEAK})
            reasons[LEAK] += 1
        counts = _write(good, set(dropped))
    _write_groups(found, seen)
    _take_classes(Path(corpus.source) / paths.Corpus.CLASSES.name)
    counts["photos_used_twice"] = sum(times > 1 for times in seen.photos.values())
    repeated = between_partitions(found, np.array(seen.partitions))
    files.write_json(paths.metrics("corpus"), _metrics(counts, reasons) | {"near_duplicates": repeated})


def _leaks(found: list[Rows], partitions: list[str]) -> list[int]:
    """Rows of train and val whose group has a recipe of test."""
    leaking = [rows.tolist() for rows in found if "test" in {partitions[row] for row in rows}]
    return [row for rows in leaking for row in rows if partitions[row] != "test"]


def _write(good: Path, dropped: set[int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    batches = files.read_batches(good, "corpus")
    with files.table_rows(paths.Corpus.RECIPES, RECIPES) as keep:
        for row, recipe in enumerate(one for batch in batches for one in batch.to_pylist()):
            if row not in dropped:
                keep(recipe)
                counts.update(_facts(Recipe(**recipe)))
    return counts


def _write_groups(found: list[Rows], seen: _Seen) -> None:
    with files.table_rows(paths.Corpus.DUPLICATES, DUPLICATES) as add:
        for group, rows in enumerate(found):
            for row in rows:
                add({"group": group, "id": seen.ids[row], "partition": seen.partitions[row]})


def _take_classes(given: Path) -> None:
    """Copy im2recipe's categories, so that no later stage reads the source; without them, leave none."""
    if not given.exists():
        return paths.Corpus.CLASSES.unlink(missing_ok=True)
    with files.atomic(paths.Corpus.CLASSES) as part:
        shutil.copyfile(given, part)


def _facts(recipe: Recipe) -> Counter[str]:
    facts = Counter({"recipes": 1, recipe.partition: 1, "photos": len(recipe.photos)})
    facts["lines"] = len(recipe.ingredients)
    facts["instructions"] = len(recipe.instructions)
    facts["with_photo"] = bool(recipe.photos)
    facts["with_entities"] = bool(recipe.entities)
    return facts


def _metrics(counts: Counter[str], reasons: Counter[str]) -> dict[str, object]:
    return {
        "recipes": {"all": counts["recipes"]} | {name: counts[name] for name in PARTITIONS},
        "with_photo": counts["with_photo"],
        "with_entities": counts["with_entities"],
        "photos": counts["photos"],
        "photos_used_twice": counts["photos_used_twice"],
        "ingredients_per_recipe": counts["lines"] / counts["recipes"],
        "instructions_per_recipe": counts["instructions"] / counts["recipes"],
        "rejected": {"all": reasons.total(), "reasons": dict(sorted(reasons.items()))},
    }
