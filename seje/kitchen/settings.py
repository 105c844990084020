"""Section `kitchen` of params.yaml."""

from typing import Annotated

from pydantic import Field

from seje.section import Count, Int, Natural, Section, Share


class KitchenSettings(Section):
    """The embedded data set: how many recipes and photos to make."""

    recipes: Annotated[Int, Field(ge=40)]
    photos: bool  # false: text alone, no photos and no labelled set
    pixels: Annotated[Int, Field(ge=32)]  # side of a drawn photo
    labelled_train: Count  # photos of each class in the labelled set
    labelled_test: Count
    broken: Share  # share of records that are broken on purpose
    seed: Natural
