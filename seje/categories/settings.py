"""Section `categories` of params.yaml."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from seje.section import Count, Int, Natural, Positive, Section, Share
from seje.vision.names import is_frozen, is_ready


class FineTuningSettings(Section):
    """How the photo classifier is trained."""

    epochs: Count
    batch: Annotated[Int, Field(ge=2)]
    lr: Positive
    shallow: Share  # of the steps from scratch that leave the blocks out which begin as the identity
    seed: Natural


class CategoriesSettings(FineTuningSettings):
    """Recipe categories and the photo classifier."""

    candidates: Count  # title bigrams looked at, most frequent first
    max_classes: Count
    min_train: Count  # recipes with a photo that a class needs in train
    refine: bool  # whether train recipes of the background take the label of their first photo
    labelled: str | None  # folder in Food-101's layout; null: the corpus's own photos and categories
    backbone: str  # a torchvision classification model, timm/NAME, lite0 to 2, st/NAME, or a path.onnx
    features: str | None  # file of features of one's own, in place of backbone, weights, freeze and views
    weights: str  # imagenet, none, or the path of a state dict
    freeze: bool  # whether a head alone is trained; it always is on an .onnx file, and on st/NAME
    precision: Annotated[Literal["32", "bf16"], BeforeValidator(str)]
    views: Annotated[Int, Field(ge=1, le=18)]  # of each photo: the whole, and parts of it
    soft: bool  # category feature: word vectors by probability, instead of that of the likeliest class
    confidence: Share  # probability of the likeliest class below which no category is told; 0: always told

    @property
    def head_alone(self) -> bool:
        """Whether a head alone is trained, on features that stay as they are."""
        return self.features is not None or is_frozen(self.backbone, self.freeze)

    @field_validator("freeze")
    @classmethod
    def _knows_something(cls, freeze: bool, info: ValidationInfo) -> bool:
        backbone, weights = info.data.get("backbone", ""), info.data.get("weights")
        if freeze and weights == "none" and not is_ready(backbone) and not info.data.get("features"):
            raise ValueError(
                f"keeps {backbone} as it is, and with weights: none it knows nothing: set categories.weights "
                "to imagenet or to the path of a state dict, or this to false"
            )
        return freeze
