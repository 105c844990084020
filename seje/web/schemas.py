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


Name = Annotated[str, Field(max_length=1000)]


class Question(BaseModel):
    """A question, each part of which may be missing: what is given is added up, less `minus`."""

    model_config = ConfigDict(extra="forbid")

    q: Line = Field(default="", description="Words, as of a title.")
    ingredient: list[Line] = Field(default=[], max_length=100, description="Ingredients that go with them.")
    recipe: Name | None = Field(default=None, description="The id of a recipe of the index.")
    photo: Name | None = Field(default=None, description="The name of a photo of the index.")
    plus: list[Line] = Field(default=[], max_length=20, description="Words to add.")
    minus: list[Line] = Field(default=[], max_length=20, description="Words to take away.")
    category: str | None = Field(default=None, max_length=200, description="Of this category alone.")
    k: int = Field(default=10, ge=1, le=100, description="How many of each.")


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
    terms: list[str] = Field(description="Key terms of the question's text; a photo has none.")
    unknown: list[str] = Field(description="Words of the question that nothing trained knows.")
    doubts: list[Doubt] = Field(
        description="Why the answer is not sure: what was asked is like nothing that the model was trained "
        "on. Empty where there is no doubt."
    )


class Recipe(BaseModel):
    """A recipe of the corpus."""

    id: str
    partition: str | None
    url: str | None = Field(description="The page that it is from, http or https.")
    title: str
    ingredients: list[str]
    instructions: list[str]
    category: str
    terms: list[str]
    photos: list[str]


class Sample(BaseModel):
    """A photo of the index to ask with."""

    photo: str
    title: str


class Samples(BaseModel):
    """A few photos and titles to ask with."""

    photos: list[Sample]
    questions: list[str]


class Trained(BaseModel):
    """What the model is: `card` is its model card as Markdown, empty where the folder has none."""

    fingerprint: str
    dimensions: int
    licence: str | None
    source: str
    trained_on: str
    card: str


class Health(BaseModel):
    """That the server lives, what it searches among, and the categories to choose from."""

    status: str
    recipes: int
    photos: int
    categories: list[str]


class Refusal(BaseModel):
    """What is wrong, in one line."""

    detail: str
