"""One recipe, and a record that is set aside: what both are."""

from dataclasses import dataclass
from typing import Literal, get_args

Partition = Literal["train", "val", "test"]
PARTITIONS: tuple[Partition, ...] = get_args(Partition)
LAYERS = ("layer1", "layer2", "det_ingrs")


@dataclass(frozen=True)
class Recipe:
    """A recipe that can be used. `entities` and `valid` are parallel to `ingredients`, or both None.

    `source` is the web site or book that it is from, `url` the page; None where nothing tells.
    """

    id: str
    partition: str
    title: str
    ingredients: list[str]
    instructions: list[str]
    entities: list[str] | None
    valid: list[bool] | None
    photos: list[str]
    source: str | None
    url: str | None


@dataclass(frozen=True)
class Rejected:
    """A record of a layer that was set aside: its place in the file (from 0), its id if it has one, and why.

    With `photo`, no more than that photo of the record.
    """

    layer: str
    position: int
    id: str | None
    reason: str
    photo: str | None = None


class BadRecord(ValueError):
    """Carries the reason why a record cannot be used."""


@dataclass(frozen=True)
class Limits:
    """The longest recipe that is kept, in lines."""

    ingredients: int
    instructions: int
