"""Section `images` of params.yaml."""

from typing import Annotated

from pydantic import Field

from seje.section import Count, Int, Section


class ImagesSettings(Section):
    """The photo store."""

    per_recipe: Count
    size: Annotated[Int, Field(ge=16)]  # shorter side in pixels
    quality: Annotated[Int, Field(ge=1, le=95)]
