"""A section of params.yaml as a frozen, validated class: one field per line; the kinds of numbers in it."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _not_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("Input should be a number, not true or false")
    return value


# YAML 1.1 hands over 1e-4 and DVC's 1e-05 as strings; pydantic makes numbers of them.
Int = Annotated[int, BeforeValidator(_not_bool)]
Float = Annotated[float, BeforeValidator(_not_bool), Field(allow_inf_nan=False)]
Count = Annotated[Int, Field(ge=1)]
Natural = Annotated[Int, Field(ge=0)]
Positive = Annotated[Float, Field(gt=0)]
Weight = Annotated[Float, Field(ge=0)]
Share = Annotated[Float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A section of params.yaml: every key is there, no other is."""

    model_config = ConfigDict(frozen=True, extra="forbid")
