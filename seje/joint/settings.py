"""Sections `joint` and `loss` of params.yaml: what may be set about phase II, and the types of it."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from seje.section import Count, Int, Natural, Positive, Section, Share, Weight

Margin = Literal["soft"] | Positive
Negatives = Literal["double", "instance", "category", "all"]
Background = Literal["ignore", "class"]
DiscriminatorForm = Literal["logistic", "wasserstein"]


class TrainingSettings(Section):
    """How long and how fast to train."""

    batch: Annotated[Int, Field(ge=4)]  # batch normalisation cannot take a batch of one
    epochs: Count
    lr: Positive
    freeze_epochs: Natural  # after these a CNN and a text encoder are trained along,
    pixels_lr: Positive  # the one at this learning rate,
    text_lr: Positive  # the other at this one
    schedule: Literal["plateau", "cosine"]
    weight_decay: Weight
    patience: Count  # epochs without a better score until the learning rate falls to a tenth
    stop: Count  # epochs without a better score, after that, until training ends
    drop: Share  # how likely training hides title, ingredients, instructions or a photo's category
    ridge: Positive  # of the linear part, in units of the features' mean variance
    seed: Natural


class JointSettings(TrainingSettings):
    """Towers and training of the joint embedding."""

    terms: bool  # whether the recipe tower sees the key-term feature,
    instructions: bool  # the instruction vectors,
    lines: bool  # and the vectors of title and ingredient lines, which a transformer always sees
    categories: bool  # whether the image tower sees the category feature
    embedding: Count
    linear: Natural  # dimensions of a linear part, in closed form, beside the trained one; 0: none
    # What it sees of recipes, each with the same weight; of sentence vectors those that the tower sees, or
    # of several lines their mean.
    linear_reads: Annotated[tuple[Literal["terms", "sentences", "words"], ...], Field(min_length=1)]
    recipe: Literal["lstm", "transformer"]  # reads the instructions; or title, ingredients and instructions
    recurrent: Count  # its width
    dropout: Share
    devices: Literal["auto"] | Count  # processes on this machine that train together; auto: one a GPU
    precision: Annotated[Literal["32", "bf16-mixed"], BeforeValidator(str)]
    pixels: str  # cached features; or a backbone that is trained along, as categories.backbone names it
    text: str  # cached vectors of lines; or a sentence-transformers model that is trained along

    @property
    def reads_lines(self) -> bool:
        """Whether the recipe tower sees the vectors of title and ingredient lines."""
        return self.lines or self.recipe == "transformer"

    @property
    def text_model(self) -> str | None:
        """The text encoder that is trained along; None where vectors are cached."""
        return None if self.text == "cached" else self.text

    @field_validator("pixels")
    @classmethod
    def _linear_needs_cached(cls, pixels: str, info: ValidationInfo) -> str:
        if pixels != "cached" and info.data.get("linear"):
            raise ValueError("a CNN trained along moves away from the linear part: set joint.linear to 0")
        return pixels

    @field_validator("text")
    @classmethod
    def _read_and_not_in_closed_form(cls, text: str, info: ValidationInfo) -> str:
        given = info.data
        if text == "cached":
            return text
        if given.get("linear") and "sentences" in given.get("linear_reads", ()):
            raise ValueError(
                "a text encoder trained along moves away from the linear part: set joint.linear to 0, or "
                "take sentences out of joint.linear_reads"
            )
        if not (given.get("instructions") or given.get("lines") or given.get("recipe") == "transformer"):
            raise ValueError("nothing reads what the encoder says: set joint.instructions or joint.lines")
        return text


class LossSettings(Section):
    """Form and weights of the loss: objective + category * L_CA + discriminator * L_DA + recipe * L_RR."""

    objective: Literal["triplet", "infonce", "cosine"]
    margin: Margin
    gamma: Positive  # slope of the soft margin
    negatives: Negatives
    temperature: Literal["learned"] | Positive  # of infonce
    category: Weight
    background: Background  # what recipes without a category are to L_CA and to negatives
    discriminator: Weight
    discriminator_form: DiscriminatorForm
    gradient_penalty: Weight
    recipe: Weight  # of the objective between two halves of recipes, which needs no photo

    @field_validator("margin")
    @classmethod
    def _number_for_cosine(cls, margin: Margin, info: ValidationInfo) -> Margin:
        if margin == "soft" and info.data.get("objective") == "cosine":
            raise ValueError("objective cosine needs a number: the cosine from which a mismatch costs")
        return margin
