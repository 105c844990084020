"""Section `evaluation` of params.yaml."""

from typing import Annotated

from pydantic import Field

from seje.section import Count, Int, Natural, Section


class EvaluationSettings(Section):
    """The retrieval protocol."""

    pools: Annotated[tuple[Annotated[Int, Field(ge=2)], ...], Field(min_length=1)]
    draws: Count
    seed: Natural
    embedder: str | None  # sentence-transformers model of photos and text, asked untrained: rows beside ours
