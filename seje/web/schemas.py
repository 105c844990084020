"""What goes in and out of the REST interface."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Line = Annotated[str, Field(max_length=10_000)]


class TextQuery(BaseModel):
    """A recipe, of which any part may be missing; words go into the title."""

    model_config = ConfigDict(extra="forbid")

    title: Line = ""
    ingredients: list[Line] = Field(default=[], max_length=200)
    instructions: list[Line] = Field(default=[], max_length=200)


class Found(BaseModel):
    """One recipe or photo."""

    score: float
    photo: str | None
    id: str | None = Field(description="Of the recipe; null for a photo that belongs to none.")
    title: str
    category: str
    terms: list[str]


class Doubt(BaseModel):
    """Why an answer is not sure."""

    calibrated: bool = Field(description="False: for this model nothing was measured that could tell.")
    nearer: float | None = Field(
        description="Share, from 0 to 1, of unseen photos, or titles, that come closer to what the model "
        "was trained on; null where that was not measured."
    )
    reason: str


class Answer(BaseModel):
    """Recipes and photos, nearest first, and what is to be said of the question."""

    recipes: list[Found]
    photos: list[Found]
    unknown: list[str] = Field(description="Words of the question that nothing trained knows.")
    doubts: list[Doubt] = Field(
        description="Why the answer is not sure: what was asked is like nothing that the model was trained "
        "on. Empty where there is no doubt."
    )


class Recipe(BaseModel):
    """A recipe of the corpus."""

    id: str
    partition: str | None
    title: str
    ingredients: list[str]
    instructions: list[str]
    category: str
    terms: list[str]
    photos: list[str]


class Health(BaseModel):
    """That the server lives, what it searches among, and the categories to choose from."""

    status: str
    recipes: int
    photos: int
    categories: list[str]


class Refusal(BaseModel):
    """What is wrong, in one line."""

    detail: str
