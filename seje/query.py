"""What `seje search` and `seje embed` do: from what a user typed to vectors, and from vectors to hits."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from seje import files, params
from seje.asking import Asking, Vectors
from seje.data.photos import BadPhoto
from seje.data.places import find
from seje.data.records import PARTITIONS
from seje.errors import SejeError
from seje.search import Hit, Search, Side, combine
from seje.sheet import contact_sheet
from seje.text.reader import RecipeText, recipe_of

PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif", ".svg"}
TOGETHER = 256  # photos in memory at a time


@dataclass(frozen=True)
class Given:
    """What was asked: a photo or words, the other parts of a recipe, what to add and to take away."""

    asked: str | None
    recipe: Path | None
    ingredients: str | None
    plus: list[str]
    minus: list[str]


@dataclass(frozen=True)
class Found:
    """What a search found, and the search itself."""

    side: Side
    hits: list[Hit]
    search: Search

    def sheet(self) -> Image.Image:
        """Make the contact sheet."""
        return contact_sheet(self.hits, self.search.photo)


def run(
    given: Given, sections: params.Params, side: Side | None, k: int, category: str | None = None
) -> Found:
    """Find what is nearest; `side` None means recipes for a photo alone, and photos for all else."""
    others = [text for text in (given.asked, *given.plus, *given.minus) if text]
    photos = [text for text in others if _is_photo(text)]
    text = _recipe(given)
    if not (others or text):
        combine([], [])
    search = Search(sections)
    plus = [_embed(search.asking, other) for other in given.plus]
    plus += [_photo(search.asking, given.asked)] if given.asked and _is_photo(given.asked) else []
    plus += [search.asking.recipes([text])[0]] if text else []
    vector = combine(plus, [_embed(search.asking, other) for other in given.minus])
    alone = photos == others and not text
    chosen: Side = side or ("recipes" if alone else "photos")
    folder = Path(sections.corpus.source) / "images"
    hits = [_with_path(hit, folder, search) for hit in search.find(vector, chosen, k, category)]
    return Found(chosen, hits, search)


def embed_folder(folder: Path, out: Path, sections: params.Params) -> tuple[int, list[tuple[Path, str]]]:
    """Embed all photos under a folder, in the order of their paths; returns how many, and those left out."""
    if not folder.is_dir():
        raise SejeError(f"{folder} is not a folder")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES)
    asking = Asking(sections.ranking, sections.images)
    good: list[Path] = []
    bad: list[tuple[Path, str]] = []
    parts: list[Vectors] = []
    for start in range(0, len(paths), TOGETHER):
        jpegs = list(_shrunk(asking, paths[start : start + TOGETHER], good, bad))
        if jpegs:
            parts.append(asking.photos(jpegs))
    if not parts:
        raise SejeError(f"{folder}: no photo that can be read")
    files.write_array(out, np.concatenate(parts))
    with files.atomic(out.with_suffix(".txt")) as part:
        part.write_text("".join(f"{path}\n" for path in good), encoding="utf-8")
    return len(good), bad


def _shrunk(
    asking: Asking, paths: list[Path], good: list[Path], bad: list[tuple[Path, str]]
) -> Iterator[bytes]:
    for path in paths:
        try:
            jpeg = asking.viewer.shrink(path)
        except BadPhoto as reason:
            bad.append((path, str(reason)))
        else:
            good.append(path)
            yield jpeg


def _is_photo(text: str) -> bool:
    return Path(text).suffix.lower() in PHOTO_SUFFIXES or (len(text) < 256 and Path(text).is_file())


def _recipe(given: Given) -> RecipeText | None:
    """Put the parts of the recipe that is asked for together; None without any."""
    own = _read(given.recipe) if given.recipe else RecipeText()
    words = given.asked if given.asked and not _is_photo(given.asked) else ""
    lines = [line.strip() for line in (given.ingredients or "").split(",") if line.strip()]
    title = " ".join(part for part in (own.title, words.strip()) if part)
    return RecipeText(title, own.ingredients + lines, own.instructions) or None


def _read(path: Path) -> RecipeText:
    try:
        return recipe_of(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SejeError(f"--recipe: {path}: {error.strerror}") from None
    except ValueError as error:  # of JSON, UTF-8 and recipe_of
        raise SejeError(f"--recipe: {path}: {' '.join(str(error).split())[:160]}") from None


def _embed(asking: Asking, text: str) -> Vectors:
    if _is_photo(text):
        return _photo(asking, text)
    vector: Vectors = asking.recipes([RecipeText(text)])[0]
    return vector


def _photo(asking: Asking, name: str) -> Vectors:
    if not Path(name).is_file():
        raise SejeError(f"{name}: no such photo")
    try:
        jpeg = asking.viewer.shrink(Path(name))
    except BadPhoto as reason:
        raise SejeError(f"{name}: this photo cannot be used: {reason}") from None
    vector: Vectors = asking.photos([jpeg])[0]
    return vector


def _with_path(hit: Hit, folder: Path, search: Search) -> dict[str, Any]:
    """Add where the photo's file lies, as far as it can still be found."""
    partition = search.recipe(hit["id"])["partition"]
    # Its own folder first; after corpus.split: source the given partition's.
    places = dict.fromkeys([partition, *PARTITIONS])
    path = find(folder, hit["photo"], places) if hit["photo"] else None
    return {**hit, "path": str(path) if path else None}
