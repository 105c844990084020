"""A recipe's key terms as the stage `ranking` rated them: one order wherever they are shown."""

from collections.abc import Iterator, Mapping
from typing import Any

from seje.workspace import files, paths

MAIN = 6  # shown of a recipe among others


def heaviest_terms(row: int) -> list[str]:
    """All terms of the recipe in a row of the corpus, heaviest first."""
    return _ordered(files.read_row(paths.Ranking.SCORES, "ranking", row))


def all_terms() -> Iterator[list[str]]:
    """Yield the terms of each recipe of the corpus, heaviest first, as people spell them."""
    for batch in files.read_batches(paths.Ranking.SCORES, "ranking", ["terms", "scores"]):
        yield from (spelled(_ordered(rated)) for rated in batch.to_pylist())


def spelled(terms: list[str]) -> list[str]:
    """Spell terms as people do."""
    return [term.replace("_", " ") for term in terms]


def _ordered(rated: Mapping[str, Any]) -> list[str]:
    """Order terms by their scores; of equals, the one that the corpus mentions first comes first."""
    order = sorted(zip(rated["scores"], rated["terms"], strict=True), key=lambda pair: -pair[0])
    return [term for _, term in order]
