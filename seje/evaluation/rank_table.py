"""The table of ranks: what the stage and `seje evaluate` write of every pair, and comparisons read."""

from typing import Any

import pyarrow as pa

from seje.retrieval.names import DIRECTIONS
from seje.retrieval.protocol import PoolRanks

# `partition` names the candidates that the ranks are among: those of train, val or test, or all.
SCHEMA = pa.schema({"partition": pa.string(), "id": pa.string()} | dict.fromkeys(DIRECTIONS, pa.int64()))


def rank_table(partition: str, ids: Any, whole: PoolRanks) -> pa.Table:
    """Lay out the ranks of every pair among the whole partition, under the ids of the recipes."""
    ranks = {way: getattr(whole, way) for way in DIRECTIONS}
    return pa.table({"partition": [partition] * len(ids), "id": ids} | ranks, schema=SCHEMA)
