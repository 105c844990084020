"""Breaks records and photos as real collections are broken: one function for each kind."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Record:
    """One recipe as it stands in the layers ({}: not in that one), and its photos' bytes by file name."""

    layer1: Json
    layer2: Json
    det_ingrs: Json
    photos: dict[str, bytes] = field(default_factory=dict)

    def layers(self) -> list[Json]:
        """Give the layers that the recipe is in."""
        return [layer for layer in (self.layer1, self.layer2, self.det_ingrs) if layer]

    def rename(self, id_: str) -> None:
        """Give the recipe another id in all layers."""
        for layer in self.layers():
            layer["id"] = id_


def _missing_title(record: Record) -> None:
    del record.layer1["title"]


def _blank_title(record: Record) -> None:
    record.layer1["title"] = "  "


def _null_ingredient(record: Record) -> None:
    record.layer1["ingredients"][0]["text"] = None


def _no_ingredients(record: Record) -> None:
    record.layer1["ingredients"] = []
    record.det_ingrs |= {"ingredients": [], "valid": []}


def _string_ingredients(record: Record) -> None:
    record.layer1["ingredients"] = ", ".join(line["text"] for line in record.layer1["ingredients"])


def _no_instructions(record: Record) -> None:
    record.layer1["instructions"] = []


def _instruction_without_text(record: Record) -> None:
    record.layer1["instructions"][-1] = {}


def _unknown_partition(record: Record) -> None:
    record.layer1["partition"] = "holdout"


def _missing_id(record: Record) -> None:
    for layer in record.layers():
        del layer["id"]


def _malformed_id(record: Record) -> None:
    record.rename(record.layer1["id"][:7] + "/x")


def _short_det_ingrs(record: Record) -> None:
    record.det_ingrs["ingredients"] = record.det_ingrs["ingredients"][:-1]
    record.det_ingrs["valid"] = record.det_ingrs["valid"][:-1]


def _missing_photo(record: Record) -> None:
    record.photos.pop(_first(record))


def _truncated_photo(record: Record) -> None:
    record.photos[_first(record)] = record.photos[_first(record)][:600]


def _empty_photo(record: Record) -> None:
    record.photos[_first(record)] = b""


def _text_as_photo(record: Record) -> None:
    record.photos[_first(record)] = b"<html><body>404: this picture has moved</body></html>\n"


def _first(record: Record) -> str:
    return str(record.layer2["images"][0]["id"])


# A duplicate id needs another record's id: the writer gives it.
DUPLICATE = "duplicate id"
TEXT_KINDS: dict[str, Callable[[Record], None]] = {
    "missing title": _missing_title,
    "blank title": _blank_title,
    "null ingredient text": _null_ingredient,
    "empty ingredients": _no_ingredients,
    "ingredients as a string": _string_ingredients,
    "empty instructions": _no_instructions,
    "instruction without text": _instruction_without_text,
    "unknown partition": _unknown_partition,
    "missing id": _missing_id,
    "malformed id": _malformed_id,
    DUPLICATE: lambda record: None,
    "det_ingrs of other length": _short_det_ingrs,
}
PHOTO_KINDS: dict[str, Callable[[Record], None]] = {
    "missing photo": _missing_photo,
    "truncated photo": _truncated_photo,
    "photo of 0 bytes": _empty_photo,
    "text as photo": _text_as_photo,
}
KINDS = TEXT_KINDS | PHOTO_KINDS
