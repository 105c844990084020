"""Section `cluster` of params.yaml: on what machines work is done, and where shards lie."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator

from seje.section import Section


def _absolute(store: str | None) -> str | None:
    """Experiments run in folders of their own, and each would make a store there."""
    if store is not None and "://" not in store and not Path(store).is_absolute():
        raise ValueError("should be an absolute path, or s3://bucket/folder")
    return store


class ClusterSettings(Section):
    """The engine of phase I, and the store of its shards; no byte of a result follows from it."""

    engine: Literal["auto", "local", "ray"]  # auto: ray where RAY_ADDRESS is set
    # A folder that all machines see, or s3://bucket/folder; none: beside the pipeline.
    store: Annotated[str | None, AfterValidator(_absolute)]
