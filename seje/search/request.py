"""What `seje search` does: from what a user typed to a vector, and from the vector to hits."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from seje.corpus.cleaning import clean
from seje.errors import SejeError
from seje.model.bank import Doubt
from seje.model.model import Asked, Model, NothingKnown
from seje.model.photo_encoder import Photo
from seje.model.recipe_encoder import RecipeText, recipe_of
from seje.photos.decoding import BadPhoto
from seje.search.contact_sheet import contact_sheet
from seje.search.nearest import Hit, Hits, Search, Side, combine
from seje.towers.embedding import Embeddings
from seje.vision.own_features import read_query

# Words that end so are meant as a photo's file; a file that is there is one whatever its name.
PHOTO_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .webp .gif .bmp .tif .tiff .heic .heif .avif .svg".split()
)
VECTORS = ".npy"  # features of a photo, for a model that takes them in its place
MOST_BYTES = 20 * 2**20  # of a recipe's file


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
    hits: Hits
    search: Search

    def as_json(self) -> dict[str, Any]:
        """As programs read it."""
        doubts = [doubt._asdict() for doubt in self.hits.doubts]
        return {"hits": self.hits, "unknown": self.hits.unknown, "doubts": doubts}

    def sheet(self) -> Image.Image:
        """Make the contact sheet."""
        return contact_sheet(self.hits, self.search.photo)


def run(
    given: Given,
    opened: Callable[[], Search],
    images: Path | None,
    side: Side | None,
    k: int,
    category: str | None = None,
) -> Found:
    """Find what is nearest; `side` None means recipes for a photo alone, photos for all else.

    `opened` opens the search, once it is clear that something is asked; `images` is the folder of the
    corpus's photos, where it is known.
    """
    others = [text for text in (given.asked, *given.plus, *given.minus) if text and _says(text)]
    photos = [text for text in others if is_photo(text)]
    recipe = _recipe(given)
    if not (others or recipe):
        combine([], [])
    search = opened()
    embed = Embedder(search.model)
    plus = [embed.text(text) for text in given.plus if text in others]
    plus += [embed.photo(given.asked)] if given.asked and is_photo(given.asked) else []
    plus += [embed.recipe(recipe)] if recipe else []
    vector = combine(plus, [embed.text(text) for text in given.minus if text in others])
    alone = photos == others and not recipe
    chosen = side or search.side_for(asked_by_photo=alone)
    hits = [_with_path(hit, images, search) for hit in search.find(vector, chosen, k, category)]
    return Found(chosen, embed.hits(hits), search)


def _says(text: str) -> bool:
    """Whether there is anything in a text; raises SejeError for the path of a folder."""
    if os.path.isdir(text) and (os.sep in text or text in {os.curdir, os.pardir}):
        raise SejeError(f"{text}: is a folder: give one photo; `seje embed` takes a folder of them")
    return is_photo(text) or bool(clean(text))


def is_photo(text: str) -> bool:
    """Whether a text names a photo: a file that is there, or one that a photo's ending promises."""
    return os.path.isfile(text) or Path(text).suffix.lower() in PHOTO_SUFFIXES | {VECTORS}


def _recipe(given: Given) -> RecipeText | None:
    """Put the parts of the recipe that is asked for together; None without any."""
    own = _read(given.recipe) if given.recipe else RecipeText()
    words = clean(given.asked) if given.asked and not is_photo(given.asked) else ""
    lines = [line for line in map(clean, (given.ingredients or "").split(",")) if line]
    title = " ".join(part for part in (own.title, words) if part)
    return RecipeText(title, own.ingredients + lines, own.instructions) or None


def _read(path: Path) -> RecipeText:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES // 2**20} MB: not one recipe")
        return recipe_of(json.loads(data))  # of bytes: a byte order mark is read over
    except OSError as error:
        raise SejeError(f"--recipe: {path}: {error.strerror}") from None
    except RecursionError:
        raise SejeError(f"--recipe: {path}: nested too deeply") from None
    except UnicodeDecodeError:
        raise SejeError(f"--recipe: {path}: not a text file: give a recipe as JSON") from None
    except ValueError as error:  # of JSON and recipe_of
        raise SejeError(f"--recipe: {path}: {' '.join(str(error).split())[:160]}") from None


class Embedder:
    """Embeds what a user typed, and collects the words that are not known, and the doubts."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._unknown: list[str] = []
        self._doubts: list[Doubt] = []

    def hits(self, found: list[Hit]) -> Hits:
        """Give what was found to what was asked here, with what is to be said of the question."""
        return Hits(found, list(dict.fromkeys(self._unknown)), list(dict.fromkeys(self._doubts)))

    def text(self, text: str) -> Embeddings:
        """Embed a photo's file, or words."""
        return self.photo(text) if is_photo(text) else self.recipe(RecipeText(clean(text)))

    def recipe(self, recipe: RecipeText) -> Embeddings:
        """Embed a recipe: a unit vector [E]; raises SejeError where no word of it is known."""
        (asked,) = self._model.ask_recipes([recipe])
        if isinstance(asked, NothingKnown):
            raise asked
        return self._noted(asked)

    def photo(self, photo: Photo) -> Embeddings:
        """Embed a photo, or the `.npy` of its own features: a unit vector [E]; raises SejeError."""
        if isinstance(photo, str | Path) and Path(photo).suffix.lower() == VECTORS:
            given: Embeddings = self._model.embed_features(read_query(Path(photo)))[0]
            return given
        name = f"{photo}: " if isinstance(photo, str | Path) else ""
        if name and not os.path.isfile(str(photo)):
            raise SejeError(f"{name}no such photo")
        try:
            jpeg = self._model.photo_encoder.shrink(photo)
        except BadPhoto as reason:
            raise SejeError(f"{name}this photo cannot be used: {reason}") from None
        return self._noted(self._model.ask_photos([jpeg])[0], name)

    def _noted(self, asked: Asked, name: str = "") -> Embeddings:
        self._unknown += asked.unknown
        if asked.doubt:
            self._doubts.append(asked.doubt._replace(reason=name + asked.doubt.reason))
        return asked.vector


def _with_path(hit: Hit, folder: Path | None, search: Search) -> dict[str, Any]:
    """Add where the photo's file lies, as far as it can still be found."""
    if not folder:
        return {**hit, "path": hit["photo"] if os.path.isfile(hit["photo"] or "") else None}
    path = search.original(hit["photo"], folder) if hit["photo"] else None
    return {**hit, "path": str(path) if path else None}
