"""Stage `corpus`: recipes of `corpus.source` that can be used, and the others with a reason each."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seje.corpus.kept import Kept
from seje.corpus.minhash import Signature, near_duplicates, signature
from seje.corpus.recipe1m import read_recipes
from seje.corpus.settings import CorpusSettings
from seje.corpus.source_split import FEWEST, by_source
from seje.data.duplicates import Rows, between_partitions, repeating_test, without
from seje.data.records import LAYERS, PARTITIONS, Limits, Recipe, Rejected
from seje.errors import SejeError
from seje.progress import say
from seje.shards.settings import ClusterSettings
from seje.workspace import files, paths, sharding

_LINES = pa.list_(pa.string())
RECIPES = pa.schema(
    {"id": pa.string(), "partition": pa.string(), "title": pa.string(), "ingredients": _LINES}
    | {"instructions": _LINES, "entities": _LINES, "valid": pa.list_(pa.bool_()), "photos": _LINES}
    | {"source": pa.string(), "url": pa.string()}
)
DUPLICATES = pa.schema({"group": pa.int32(), "id": pa.string(), "partition": pa.string()})
REJECTED = pa.schema(
    {"layer": pa.string(), "position": pa.int64(), "id": pa.string(), "reason": pa.string()}
    | {"photo": pa.string()}
)
Table = AbstractContextManager[Callable[[dict[str, Any]], None]]  # takes rows, one by one
LEAK = "nearly repeats a recipe of test"
SHARED = "photo of a recipe of test"


class _Seen:
    """What is held of each good recipe while the others are read."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.ids: list[str] = []
        self.partitions: list[str] = []
        self.sources: list[str | None] = []
        self.signatures: list[Signature] = []

    def add(self, position: int, recipe: Recipe) -> None:
        """Hold what is needed of the recipe at a position in the source."""
        self.positions.append(position)
        self.ids.append(recipe.id)
        self.partitions.append(recipe.partition)
        self.sources.append(recipe.source)
        self.signatures.append(signature(recipe.title, recipe.ingredients))


class _Rejects:
    """Writes what is set aside, and counts it."""

    def __init__(self, write: Callable[[dict[str, Any]], None]) -> None:
        self._write = write
        self.records: dict[str, Counter[str]] = {layer: Counter() for layer in LAYERS}
        self.photos: Counter[str] = Counter()

    def add(self, rejected: Rejected) -> None:
        """Write and count one."""
        self._write(asdict(rejected))
        counts = self.records[rejected.layer] if rejected.photo is None else self.photos
        counts[rejected.reason] += 1


def run(corpus: CorpusSettings, cluster: ClusterSettings = sharding.LOCAL) -> None:
    """Read, check and write recipes one by one; raises SejeError where none is left, or none can be split."""
    seen = _Seen()
    records: Counter[str] = Counter()
    # What a recipe becomes may follow from others that come after it; else it is written where it stays.
    again = corpus.split == "source" or corpus.leaks == "drop"
    with tempfile.TemporaryDirectory() as folder, files.table_rows(paths.Corpus.REJECTED, REJECTED) as write:
        rejects = _Rejects(write)
        good = Path(folder) / "recipes.parquet"
        final = sharding.table_rows(paths.Corpus.RECIPES, RECIPES, corpus.shard, cluster)
        kept = _read(corpus, files.table_rows(good, RECIPES) if again else final, seen, rejects, records)
        if corpus.split == "source":
            seen.partitions = _split(seen, corpus.source)
        found = near_duplicates(np.stack(seen.signatures))
        dropped, tested = np.empty(0, np.int64), frozenset[str]()
        if corpus.leaks == "drop":
            dropped = repeating_test(found, np.array(seen.partitions))
            tested = _photos_of_test(good, seen.partitions)
        for row in dropped:
            rejects.add(Rejected("layer1", seen.positions[row], seen.ids[row], LEAK))
        if again:
            kept = _write(good, final, seen, set(dropped.tolist()), tested, rejects)
    left = without(found, dropped, len(seen.ids))
    _write_groups(left, seen)
    _take_classes(Path(corpus.source) / paths.Corpus.CLASSES.name)
    repeated = between_partitions(left, np.array(seen.partitions))
    counts = kept.counts()
    metrics = _metrics(counts, rejects, records) | {"near_duplicates": repeated}
    files.write_json(paths.metrics("corpus"), metrics)
    _tell(rejects, records, counts)


def _read(corpus: CorpusSettings, good: Table, seen: _Seen, rejects: _Rejects, records: Counter[str]) -> Kept:
    """Write the good recipes as they are read, and count them."""
    limits, kept = Limits(corpus.max_ingredients, corpus.max_instructions), Kept()
    with good as add:
        for record in read_recipes(Path(corpus.source), limits, records):
            if isinstance(record, Rejected):
                rejects.add(record)
            else:
                position, recipe = record
                add(asdict(recipe))
                seen.add(position, recipe)
                kept.add(recipe)
        if not seen.ids:
            reasons = dict(rejects.records["layer1"])
            raise SejeError(f"{corpus.source}: no good recipe in layer1; {reasons}")
    return kept


def _split(seen: _Seen, folder: str) -> list[str]:
    try:
        return by_source(seen.sources, seen.partitions)
    except ValueError as error:
        raise SejeError(
            f"{folder}: corpus.split source needs recipes of {FEWEST} sources or more (`source` or `url` in "
            f"layer1.json), and there are {error}; set corpus.split to given"
        ) from None


def _photos_of_test(good: Path, partitions: list[str]) -> frozenset[str]:
    lists = (
        photos.as_py() for batch in files.read_batches(good, "corpus", ["photos"]) for photos in batch[0]
    )
    pairs = zip(lists, partitions, strict=True)
    return frozenset(name for photos, partition in pairs if partition == "test" for name in photos)


def _write(
    good: Path, final: Table, seen: _Seen, dropped: set[int], tested: frozenset[str], rejects: _Rejects
) -> Kept:
    """Write the recipes that stay, in their partitions and without photos that test has too; count them."""
    kept = Kept()
    batches = files.read_batches(good, "corpus")
    with final as keep:
        for row, read in enumerate(one for batch in batches for one in batch.to_pylist()):
            if row in dropped:
                continue
            recipe = replace(Recipe(**read), partition=seen.partitions[row])
            if recipe.partition != "test":
                for name in tested.intersection(recipe.photos):
                    rejects.add(Rejected("layer1", seen.positions[row], recipe.id, SHARED, name))
                own = [name for name in recipe.photos if name not in tested]
                recipe = replace(recipe, photos=own)
            keep(asdict(recipe))
            kept.add(recipe)
    return kept


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


def _metrics(counts: Counter[str], rejects: _Rejects, records: Counter[str]) -> dict[str, object]:
    return {
        "recipes": {"all": counts["recipes"]} | {name: counts[name] for name in PARTITIONS},
        "with_photo": counts["with_photo"],
        "with_entities": counts["with_entities"],
        "photos": counts["photos"],
        "photos_used_twice": counts["photos_used_twice"],
        "ingredients_per_recipe": counts["lines"] / counts["recipes"],
        "instructions_per_recipe": counts["instructions"] / counts["recipes"],
        "sources": {
            "all": counts["sources"],
            "in_several_partitions": counts["crossing"],
            "recipes_without": counts["without_source"],
        },
        "rejected": _reasons(rejects.records["layer1"]),
        "rejected_photos": _reasons(rejects.photos),
        "layer2": _layer("layer2", rejects, records),
        "det_ingrs": _layer("det_ingrs", rejects, records),
    }


def _layer(layer: str, rejects: _Rejects, records: Counter[str]) -> dict[str, object]:
    reasons = rejects.records[layer]
    return {
        "records": records[layer],
        "used": records[layer] - reasons.total(),
        "rejected": _reasons(reasons),
    }


def _reasons(reasons: Counter[str]) -> dict[str, object]:
    return {"all": reasons.total(), "reasons": dict(sorted(reasons.items()))}


def _tell(rejects: _Rejects, records: Counter[str], counts: Counter[str]) -> None:
    """Say in the log how much of each layer is not used."""
    aside = [f"{rejects.records[layer].total()} of {records[layer]} records of {layer}" for layer in LAYERS]
    say(f"set aside: {', '.join(aside)}; {rejects.photos.total()} photos: {paths.Corpus.REJECTED} tells why")
    if records["det_ingrs"]:
        say(f"{counts['with_entities']} of {counts['recipes']} recipes have names of det_ingrs.json")
