"""Section `cluster` of params.yaml: on what machines work is done, and where shards lie."""

from typing import Literal

from seje.section import Section


class ClusterSettings(Section):
    """The engine of phase I, and the store of its shards; no byte of a result follows from it."""

    engine: Literal["auto", "local", "ray"]  # auto: ray where RAY_ADDRESS is set
    store: str | None  # a folder that all machines see, or s3://bucket/folder; none: beside the pipeline
