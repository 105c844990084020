"""Many photos or recipes through a model: a batch at a time in memory, what cannot be used set aside."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from seje.data.parallel import chunks
from seje.model.model import Model
from seje.model.photo_encoder import Photo
from seje.model.recipe_encoder import RecipeText, recipe_of
from seje.photos.decoding import BadPhoto
from seje.towers.embedding import Embeddings

IN_MEMORY = 256  # photos or recipes at a time
T = TypeVar("T")


class LeftOut(NamedTuple):
    """What gave no vector, by its name, and why."""

    name: str
    reason: str


class Batch(NamedTuple):
    """Photos, as JPEGs, or recipes, read and as given, with their names and unit vectors [N, E]."""

    names: list[str]
    items: list[Any]
    vectors: Embeddings


def photo_batches(
    model: Model, photos: Iterable[tuple[str, Photo]], left_out: list[LeftOut]
) -> Iterator[Batch]:
    """Embed photos, each with its name."""
    for names, jpegs in _batches(_shrunk(model, photos, left_out), left_out):
        yield Batch(names, jpegs, model.embed_shrunk(jpegs))


def recipe_batches(
    model: Model, recipes: Iterable[tuple[str, Any]], left_out: list[LeftOut]
) -> Iterator[Batch]:
    """Embed recipes as `Model.embed_recipes` takes them, each with its name."""
    for names, read in _batches(_read(recipes, left_out), left_out):
        yield Batch(names, read, model.embed_recipes(text for text, _ in read))


def spelled(items: Iterable[tuple[str, T]], left_out: list[LeftOut]) -> Iterator[tuple[str, T]]:
    """Set aside what no table can name: bytes that are no UTF-8, as old systems wrote them."""
    for name, item in items:
        try:
            name.encode()
        except UnicodeEncodeError:
            left_out.append(LeftOut(name, "its name is not UTF-8: rename it"))
        else:
            yield name, item


def _batches(items: Iterable[tuple[str, T]], left_out: list[LeftOut]) -> Iterator[tuple[list[str], list[T]]]:
    for batch in chunks(_distinct(items, left_out), IN_MEMORY):
        yield [name for name, _ in batch], [item for _, item in batch]


def _distinct(items: Iterable[tuple[str, T]], left_out: list[LeftOut]) -> Iterator[tuple[str, T]]:
    seen: set[str] = set()
    for name, item in items:
        if name in seen:
            left_out.append(LeftOut(name, "its name came before"))
        else:
            seen.add(name)
            yield name, item


def _shrunk(
    model: Model, photos: Iterable[tuple[str, Photo]], left_out: list[LeftOut]
) -> Iterator[tuple[str, bytes]]:
    for name, photo in photos:
        try:
            yield name, model.photo_encoder.shrink(photo)
        except BadPhoto as reason:
            left_out.append(LeftOut(name, str(reason)))


def _read(
    recipes: Iterable[tuple[str, Any]], left_out: list[LeftOut]
) -> Iterator[tuple[str, tuple[RecipeText, Any]]]:
    for name, given in recipes:
        try:
            recipe = recipe_of(given)
        except ValueError as reason:
            left_out.append(LeftOut(name, str(reason)))
            continue
        if recipe:
            yield name, (recipe, given)
        else:
            left_out.append(LeftOut(name, "holds no text"))
