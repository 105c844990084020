"""One recipe: what a good record is, and why a bad one is set aside."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PARTITIONS = ("train", "val", "test")
_ID = re.compile(r"[0-9a-f]{10}")
_INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True)
class Recipe:
    """A recipe that can be used.

    `entities` and `valid` are parallel to `ingredients`; both None where det_ingrs.json has no list for it,
    both empty where its list does not fit.
    """

    id: str
    partition: str
    title: str
    ingredients: list[str]
    instructions: list[str]
    entities: list[str] | None
    valid: list[bool] | None
    photos: list[str]
    source: str | None  # the collection or web site that it is from


@dataclass(frozen=True)
class Rejected:
    """A record that was set aside: its place in layer1.json (from 0), its id if it has one, and why."""

    position: int
    id: str | None
    reason: str


class BadRecord(ValueError):
    """Carries the reason why a record cannot be used."""


@dataclass(frozen=True)
class Limits:
    """The longest recipe that is kept, in lines."""

    ingredients: int
    instructions: int


def parse(raw: Any, layer2: Any, detected: Any, limits: Limits) -> Recipe:
    """Check one record of layer1.json with its companions (None where there is none); raises BadRecord."""
    if not isinstance(raw, dict):
        raise BadRecord("not an object")
    if not isinstance(raw.get("id"), str) or not _ID.fullmatch(raw["id"]):
        raise BadRecord("id is not 10 hex digits")
    if raw.get("partition") not in PARTITIONS:
        raise BadRecord("unknown partition")
    title = raw.get("title")
    if not isinstance(title, str) or not clean(title):
        raise BadRecord("no title")
    ingredients, instructions = _lines(raw, "ingredients"), _lines(raw, "instructions")
    entities, valid = _entities(detected, len(ingredients))
    kept = [number for number, line in enumerate(ingredients) if line]
    recipe = Recipe(
        id=raw["id"],
        partition=raw["partition"],
        title=clean(title),
        ingredients=[ingredients[number] for number in kept],
        instructions=[line for line in instructions if line],
        entities=[entities[number] for number in kept] if entities else entities,
        valid=[valid[number] for number in kept] if valid else valid,
        photos=_photos(layer2),
        source=_source(raw),
    )
    _check_length("ingredients", recipe.ingredients, limits.ingredients)
    _check_length("instructions", recipe.instructions, limits.instructions)
    return recipe


def clean(text: str) -> str:
    """Join all runs of white space and control characters into one space."""
    return _INVISIBLE.sub(" ", text).strip()


def _source(raw: dict[str, Any]) -> str | None:
    """Give `source` where it is a text, else the host of `url` without www, else nothing."""
    source, url = raw.get("source"), raw.get("url")
    if isinstance(source, str) and clean(source):
        return clean(source)
    try:
        host = urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return None
    return host.removeprefix("www.") or None if host else None


def _lines(raw: dict[str, Any], field: str) -> list[str]:
    lines = raw.get(field)
    if not isinstance(lines, list):
        raise BadRecord(f"{field} is not a list")
    texts = [line.get("text") if isinstance(line, dict) else None for line in lines]
    if not all(isinstance(text, str) for text in texts):
        raise BadRecord(f"a line of {field} has no text")
    return [clean(str(text)) for text in texts]


def _check_length(field: str, lines: list[str], longest: int) -> None:
    if not lines:
        raise BadRecord(f"no {field}")
    if len(lines) > longest:
        raise BadRecord(f"more {field} than corpus.max_{field}")


def _entities(detected: Any, lines: int) -> tuple[list[str] | None, list[bool] | None]:
    """Names and flags of det_ingrs.json; empty where they do not fit the recipe's lines."""
    if detected is None:
        return None, None
    try:
        entities = [clean(entry["text"]) for entry in detected["ingredients"]]
        valid = [bool(flag) for flag in detected["valid"]]
    except (TypeError, KeyError):
        return [], []
    return (entities, valid) if len(entities) == len(valid) == lines else ([], [])


def _photos(layer2: Any) -> list[str]:
    images = layer2.get("images") if isinstance(layer2, dict) else None
    names = (
        [entry.get("id") for entry in images if isinstance(entry, dict)] if isinstance(images, list) else []
    )
    # A name is joined to a folder later on: one that is more than a name must not get there.
    plain = [name for name in names if isinstance(name, str) and re.fullmatch(r"[\w-]+\.\w+", name)]
    return list(dict.fromkeys(plain))
