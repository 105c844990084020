"""Records of Recipe1M's layers, checked one by one: what is good of them, or why there is nothing."""

import re
from dataclasses import dataclass, field
from typing import Any

from seje.corpus.cleaning import clean, is_name
from seje.corpus.web_address import host_of, web_address
from seje.data.records import PARTITIONS, BadRecord, Limits, Recipe

LONGEST_ID = 200  # bytes
LONGEST_NAME = 255  # bytes: what file systems take
LONGEST_TEXT = 20_000  # characters of one title or line: thousands of words are no line, and all stages pay


@dataclass(frozen=True)
class Detected:
    """Names and flags of det_ingrs.json, one for each ingredient line."""

    entities: list[str]
    valid: list[bool]


@dataclass
class ListedPhotos:
    """Photos of a record of layer2.json: names that can be used, and entries that cannot, with the reason."""

    names: list[str] = field(default_factory=list)
    rejected: list[tuple[str | None, str]] = field(default_factory=list)


def parse(raw: Any, photos: list[str], detected: Detected | None, limits: Limits) -> Recipe:
    """Check a record of layer1.json; entities are left out where they do not fit. Raises BadRecord."""
    id_ = parse_id(raw)
    if raw.get("partition") not in PARTITIONS:
        raise BadRecord("unknown partition")
    title = _cleaned(raw.get("title") or "", "the title")
    if not title:
        raise BadRecord("no title")
    ingredients, instructions = _lines(raw, "ingredients"), _lines(raw, "instructions")
    if detected and len(detected.entities) != len(ingredients):
        detected = None
    kept = [number for number, line in enumerate(ingredients) if line]
    recipe = Recipe(
        id=id_,
        partition=raw["partition"],
        title=title,
        ingredients=[ingredients[number] for number in kept],
        instructions=[line for line in instructions if line],
        entities=[detected.entities[number] for number in kept] if detected else None,
        valid=[detected.valid[number] for number in kept] if detected else None,
        photos=photos,
        source=_source(raw),
        url=web_address(raw.get("url"), raw.get("source")),
    )
    _check_length("ingredients", recipe.ingredients, limits.ingredients)
    _check_length("instructions", recipe.instructions, limits.instructions)
    return recipe


def parse_id(raw: Any) -> str:
    """Give a record's id: any name without white space and slashes. Raises BadRecord where there is none."""
    if not isinstance(raw, dict):
        raise BadRecord("not an object")
    id_ = raw.get("id")
    if not isinstance(id_, str) or not id_:
        raise BadRecord("no id")
    if re.search(r"[\s/]", id_) or not is_name(id_, LONGEST_ID):
        raise BadRecord("id with white space, a slash or control characters, or too long")
    return id_


def parse_photos(raw: dict[str, Any]) -> ListedPhotos:
    """Sort a record's photos, given as strings or as {"id": name}; raises BadRecord for no list."""
    if not isinstance(raw.get("images"), list):
        raise BadRecord("images is not a list")
    listed = ListedPhotos()
    for entry in raw["images"]:
        name = entry.get("id") if isinstance(entry, dict) else entry
        reason = _bad_name(name)
        if reason:
            listed.rejected.append((name if isinstance(name, str) else None, reason))
        else:
            listed.names.append(str(name))
    return listed


def parse_detected(raw: dict[str, Any]) -> Detected:
    """Read a record's names and flags; raises BadRecord where they are not two lists of one length."""
    names, flags = raw.get("ingredients"), raw.get("valid")
    if not isinstance(names, list) or not isinstance(flags, list) or len(names) != len(flags):
        raise BadRecord("ingredients and valid are not lists of one length")
    if any(flag not in (True, False) for flag in flags):
        raise BadRecord("valid is not true or false")
    texts = [_line(name, "ingredients") for name in names]
    return Detected(texts, [bool(flag) for flag in flags])


def _bad_name(name: Any) -> str:
    """Say what is wrong with the name of a photo; "" if it is the plain name of a file, of whatever kind."""
    if not isinstance(name, str):
        return "photo without a name"
    # It is joined to a folder later on: what is more than a name must not get there.
    if re.search(r"[/\\]", name) or name in {".", ".."}:
        return "photo's name is a path"
    return "" if is_name(name, LONGEST_NAME) else "photo's name has control characters, is blank or too long"


def _lines(raw: dict[str, Any], part: str) -> list[str]:
    lines = raw.get(part)
    if not isinstance(lines, list):
        raise BadRecord(f"{part} is not a list")
    return [_line(line, part) for line in lines]


def _line(line: Any, part: str) -> str:
    return _cleaned(line.get("text") if isinstance(line, dict) else None, f"a line of {part}")


def _cleaned(text: Any, what: str) -> str:
    if not isinstance(text, str):
        raise BadRecord(f"{what} has no text")
    cleaned = clean(text)
    if len(cleaned) > LONGEST_TEXT:
        raise BadRecord(f"{what} has more than {LONGEST_TEXT} characters")
    return cleaned


def _check_length(part: str, lines: list[str], longest: int) -> None:
    if not lines:
        raise BadRecord(f"no {part}")
    if len(lines) > longest:
        raise BadRecord(f"more {part} than corpus.max_{part}")


def _source(raw: dict[str, Any]) -> str | None:
    """Name where a recipe is from: its `source` where that is a name, else a host without `www.`.

    An address in `source` often is that of the recipe itself, which would make each its own source; the
    host is then that of `url`, or of `source` where there is no `url`.
    """
    named = raw.get("source")
    at = host_of(named)
    for name in (None if at else named, host_of(raw.get("url")), at):
        if isinstance(name, str) and len(name) <= LONGEST_TEXT and clean(name):
            return clean(name)
    return None
