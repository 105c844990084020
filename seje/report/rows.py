"""The figures of an evaluation as named rows, one for each direction: what every table of them shows."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

PARTS = {"both": "both parts", "linear": "linear part", "trained": "trained part"}
RECIPE_PARTS = {
    "title": "title alone",
    "ingredients": "ingredients alone",
    "instructions": "instructions alone",
    "no_instructions": "without instructions",
}
HUBNESS = {"csls": "CSLS", "softmax": "inverted softmax"}
BASELINES = {
    "chance": "chance",
    "category": "true category, random within it",
    "source": "true source, random within it",
    "cca": "CCA, same features",
    "cca_words": "CCA, all words",
    "embedder_title": "embedder, title",
    "embedder_title_ingredients": "embedder, title and ingredients",
}


class Row(NamedTuple):
    """A row: its name, its measures, their 95 % intervals where they are known, and whether it is a baseline.

    Measures are {name: value}; intervals {name: {"low": value, "high": value}}.
    """

    name: str
    found: Mapping[str, float]
    ends: Mapping[str, Mapping[str, float]] | None
    baseline: bool


def pool_label(results: Mapping[str, Any], pool: str) -> str:
    """Name a pool with the number of pairs that it is drawn from: `1k of 51304`, `all 51304`."""
    facts = results["pools"][pool]
    return f"{pool} {'' if facts['candidates'] == facts['pairs'] else 'of '}{facts['pairs']}"


def rows(results: Mapping[str, Any], pool: str) -> Iterator[Row]:
    """Yield the rows of one pool: the model, its parts, by parts of recipes, without hubs, baselines."""
    if "parts" in results:
        for name, called in PARTS.items():
            yield from _ways(called, results["parts"][name], pool, baseline=False)
    else:
        yield from _ways("", results, pool, baseline=False)
    if "within_source" in results:
        yield from _ways("within its source", results["within_source"], pool, baseline=False)
    for name, found in results.get("recipe_parts", {}).items():
        yield from _ways(RECIPE_PARTS[name], found, pool, baseline=False)
    for name, found in results.get("hubness", {}).items():
        yield from _ways(HUBNESS[name], found, pool, baseline=False)
    for name, found in results["baselines"].items():
        yield from _ways(BASELINES[name], found, pool, baseline=True)


def _ways(name: str, found: Mapping[str, Any], pool: str, baseline: bool) -> Iterator[Row]:
    """Yield a row for each direction, or one where both are alike."""
    if "MedR" in found[pool]:
        yield Row(name, found[pool], None, baseline)
        return
    for way, measured in found[pool].items():
        full = ", ".join(filter(None, [name, way.replace("_", " ")]))
        yield Row(full, measured, found["spread"][pool][way], baseline)
