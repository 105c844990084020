"""Stage `corpus`: recipes of `corpus.source` that can be used, and the others with a reason each."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from seje import files, params, paths
from seje.data.recipe1m import read_recipes
from seje.data.records import PARTITIONS, Limits, Recipe
from seje.errors import SejeError

_LINES = pa.list_(pa.string())
RECIPES = pa.schema(
    {"id": pa.string(), "partition": pa.string(), "title": pa.string(), "ingredients": _LINES}
    | {"instructions": _LINES, "entities": _LINES, "valid": pa.list_(pa.bool_()), "photos": _LINES}
)
REJECTED = pa.schema({"position": pa.int64(), "id": pa.string(), "reason": pa.string()})


def run(corpus: params.Corpus) -> None:
    """Read, check and write recipes one by one; raises SejeError where none is left."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    limits = Limits(corpus.max_ingredients, corpus.max_instructions)
    with (
        files.table_rows(paths.Corpus.RECIPES, RECIPES) as keep,
        files.table_rows(paths.Corpus.REJECTED, REJECTED) as reject,
    ):
        for record in read_recipes(Path(corpus.source), limits):
            if isinstance(record, Recipe):
                keep(asdict(record))
                counts.update(_facts(record))
            else:
                reject(asdict(record))
                reasons[record.reason] += 1
        if not counts["recipes"]:
            raise SejeError(f"{corpus.source}: no good recipe in layer1.json; {dict(reasons)}")
    files.write_json(paths.metrics("corpus"), _metrics(counts, reasons))


def _facts(recipe: Recipe) -> Counter[str]:
    facts = Counter({"recipes": 1, recipe.partition: 1, "photos": len(recipe.photos)})
    facts["lines"] = len(recipe.ingredients)
    facts["instructions"] = len(recipe.instructions)
    facts["with_photo"] = bool(recipe.photos)
    facts["with_entities"] = recipe.entities is not None
    return facts


def _metrics(counts: Counter[str], reasons: Counter[str]) -> dict[str, object]:
    return {
        "recipes": {"all": counts["recipes"]} | {name: counts[name] for name in PARTITIONS},
        "with_photo": counts["with_photo"],
        "with_entities": counts["with_entities"],
        "photos": counts["photos"],
        "ingredients_per_recipe": counts["lines"] / counts["recipes"],
        "instructions_per_recipe": counts["instructions"] / counts["recipes"],
        "rejected": {"all": reasons.total(), "reasons": dict(sorted(reasons.items()))},
    }
