"""Files of ranks, as the stage `evaluation` and `seje evaluate` write them: read, and checked."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from seje.evaluation.rank_table import SCHEMA

Ranks = dict[str, tuple[int, int]]  # ranks of a pair in both directions, by the recipe's id


class NoRanks(ValueError):
    """Says why a file holds no ranks."""


def read(file: BinaryIO) -> dict[str, Ranks]:
    """Read the ranks of each partition; raises NoRanks."""
    found: dict[str, Ranks] = defaultdict(dict)
    rows = 0
    for partition, id_, *ranks in zip(*_columns(file), strict=True):
        found[partition][id_] = (ranks[0], ranks[1])
        rows += 1
    if not rows or rows != sum(map(len, found.values())):
        raise NoRanks("a recipe comes twice" if rows else "it is empty")
    return dict(found)


def stacked(seeds: Sequence[Ranks], ids: Sequence[str]) -> npt.NDArray[np.int64]:
    """Ranks of some queries in both directions, [S, 2, N]: of S seeds and N queries."""
    return np.array([[one[id_] for id_ in ids] for one in seeds], np.int64).transpose(0, 2, 1)


def _columns(file: BinaryIO) -> list[list[Any]]:
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as parquet:
            table = parquet.read(SCHEMA.names).select(SCHEMA.names).cast(SCHEMA)
    except Exception as error:  # what a damaged file raises depends on where it is damaged
        raise NoRanks(" ".join(str(error).split())[:150]) from None
    if any(column.null_count for column in table.columns):
        raise NoRanks("a value is missing")
    return [column.to_pylist() for column in table.columns]
