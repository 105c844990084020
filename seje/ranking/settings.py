"""Section `ranking` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from seje.section import Float, Int, Natural, Section


class RankingSettings(Section):
    """Term rating and the weighted key-term feature."""

    method: Literal["tfidf", "textrank", "bert"]
    window: Annotated[Int, Field(ge=2)]  # textrank: terms that are looked at together
    damping: Annotated[Float, Field(gt=0, lt=1)]  # textrank: how likely the next step follows an edge
    model: str | None  # bert: folder or name of a sentence-transformers model
    weighted_mean: bool  # divide by the sum of the weights
    words: Natural  # dimensions of a feature of all words beside it; 0: none

    @field_validator("model")
    @classmethod
    def _needed_by_bert(cls, model: str | None, info: ValidationInfo) -> str | None:
        if not model and info.data.get("method") == "bert":
            raise ValueError("method bert needs the folder or the name of a sentence-transformers model")
        return model
