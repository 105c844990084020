"""Section `instructions` of params.yaml."""

from typing import Literal

from pydantic import ValidationInfo, field_validator

from seje.section import Count, Natural, Positive, Section


class InstructionsSettings(Section):
    """The sentence encoder; all but the first two keys are those of skip-instructions."""

    encoder: Literal["skip", "mean", "pretrained"]
    model: str | None  # pretrained: folder or name of a sentence-transformers model
    previous: bool  # predict the previous sentence besides the next
    hidden: Count
    layers: Count
    vocabulary: Count
    max_words: Count
    epochs: Count
    batch: Count
    lr: Positive
    seed: Natural

    @field_validator("model")
    @classmethod
    def _needed_by_pretrained(cls, model: str | None, info: ValidationInfo) -> str | None:
        if not model and info.data.get("encoder") == "pretrained":
            raise ValueError("encoder pretrained needs a sentence-transformers model, its folder or name")
        return model
