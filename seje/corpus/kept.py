"""What is counted of the recipes that a corpus keeps."""

from collections import Counter

from seje.data.records import Recipe


class Kept:
    """Counts the recipes that are written."""

    def __init__(self) -> None:
        self._facts: Counter[str] = Counter()
        self._photos: Counter[str] = Counter()
        self._partitions: dict[str, set[str]] = {}  # of each source

    def add(self, recipe: Recipe) -> None:
        """Count one."""
        self._facts.update(_facts(recipe))
        self._photos.update(recipe.photos)
        if recipe.source:
            self._partitions.setdefault(recipe.source, set()).add(recipe.partition)

    def counts(self) -> Counter[str]:
        """Sums over all of them, and what is told by several."""
        counts = Counter(self._facts)
        counts["photos_used_twice"] = sum(times > 1 for times in self._photos.values())
        counts["sources"] = len(self._partitions)
        counts["crossing"] = sum(len(partitions) > 1 for partitions in self._partitions.values())
        return counts


def _facts(recipe: Recipe) -> Counter[str]:
    facts = Counter({"recipes": 1, recipe.partition: 1, "photos": len(recipe.photos)})
    facts["lines"] = len(recipe.ingredients)
    facts["instructions"] = len(recipe.instructions)
    # As numbers: a Counter would keep the first of truth values as it is, and JSON has no sum of them.
    facts["with_photo"] = int(bool(recipe.photos))
    facts["with_entities"] = int(recipe.entities is not None)
    facts["without_source"] = int(recipe.source is None)
    return facts
