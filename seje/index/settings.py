"""Section `index` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from seje.data.records import Partition
from seje.section import Section


class IndexSettings(Section):
    """The search index."""

    partitions: Annotated[tuple[Partition, ...], Field(min_length=1)]
    kind: Literal["flat", "rabitq", "auto"]  # auto: flat up to 200,000 vectors, then rabitq
    hubness: Literal["none", "csls", "softmax"]  # what puts hubs in their place, by a bank of train queries
    uri: str | None  # Milvus: its address, or the name of a local file; null: FAISS
