"""A split whose sources do not cross: who knows a web site's style must not find its recipes by it."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from seje.data.records import PARTITIONS

FEWEST = 3  # sources: one for each partition


def by_source(sources: Sequence[str | None], given: Sequence[str]) -> list[str]:
    """Give each recipe the partition of its source; sizes are near those of the given split.

    The largest source goes first, each to the partition that lacks most; equals in the order of a hash of
    their names. Recipes without a source might be of one: together they are one. Raises ValueError for fewer
    than FEWEST sources.
    """
    sizes = Counter(sources)
    if len(sizes.keys() - {None}) < FEWEST:
        raise ValueError(f"{len(sizes.keys() - {None})} sources")
    lacking = Counter(given)
    open_, left = set(lacking), len(sizes)
    partition = {}
    for source, size in sorted(sizes.items(), key=lambda pair: (-pair[1], _hash(pair[0]))):
        # No partition stays empty: the last sources are theirs.
        wanted = open_ if len(open_) == left else set(lacking)
        partition[source] = max(wanted, key=lambda name: (lacking[name], -PARTITIONS.index(name)))
        lacking[partition[source]] -= size
        open_.discard(partition[source])
        left -= 1
    return [partition[source] for source in sources]


def _hash(source: str | None) -> bytes:
    return hashlib.sha256((source or "").encode()).digest()
