"""Writes an index folder of a collection of one's own, of the form that the stage `index` writes.

It goes to the disk as it is made: photos need no more memory than a batch of them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seje.corpus.web_address import web_address
from seje.errors import SejeError
from seje.index.contents import NONE, asking, photo_table, recipe_table, searcher
from seje.index.folder import FACTS, Facts
from seje.model.model import Model
from seje.model.photo_encoder import Photo
from seje.photos.store import store_writer
from seje.search.batches import Batch, LeftOut, photo_batches, recipe_batches, spelled
from seje.towers.embedding import Embeddings
from seje.workspace import files, paths, rated_terms

LINES = pa.list_(pa.string())
RECIPES = pa.schema(
    {"id": pa.string(), "partition": pa.string(), "url": pa.string(), "title": pa.string()}
    | {"ingredients": LINES, "instructions": LINES, "terms": LINES, "category": pa.int64()}
)
CATEGORIES = ["background"]  # one's own recipes are in none


def write_index(
    folder: Path, model: Model, photos: Iterable[tuple[str, Photo]], recipes: Iterable[tuple[str, Any]]
) -> list[LeftOut]:
    """Embed and index photos and recipes, each with its name; returns what could not be used.

    A recipe that is a dict names its photos under `photos`. Raises SejeError where nothing can be used.
    """
    left_out: list[LeftOut] = []
    owners: dict[str, int] = {}  # of photos: rows of recipes
    table, of_recipes = _recipes(model, spelled(recipes, left_out), owners, left_out)
    names, of_photos = _photos(folder, model, spelled(photos, left_out), left_out)
    if not names and not len(table):
        first = "".join(f"; {name}: {reason}" for name, reason in left_out[:1])
        raise SejeError(f"nothing to index: of what was given {len(left_out)} cannot be used{first}")
    photos_of = np.array([owners.pop(name, NONE) for name in names], np.int64)
    for name, row in owners.items():
        left_out.append(LeftOut(name, f"no such photo to go with the recipe {table['id'][row]}"))
    files.write_table(folder / paths.Index.RECIPE_ITEMS.name, recipe_table(table, photos_of))
    files.write_table(folder / paths.Index.PHOTO_ITEMS.name, photo_table(names, photos_of, table["id"]))
    files.write_json(folder / FACTS, Facts(model.fingerprint, CATEGORIES, None, None).as_json())
    _index(folder / paths.Index.RECIPES.name, of_recipes, of_photos)
    _index(folder / paths.Index.PHOTOS.name, of_photos, of_recipes)
    return left_out


def _recipes(
    model: Model, recipes: Iterable[tuple[str, Any]], owners: dict[str, int], left_out: list[LeftOut]
) -> tuple[Any, Embeddings]:
    """Embed the recipes, and put them into a table; `owners` is given the row of the recipe of each photo."""
    tables, vectors, count = [RECIPES.empty_table()], [_none(model)], 0
    for batch in recipe_batches(model, recipes, left_out):
        for row, (_, given) in enumerate(batch.items, count):
            for photo in _photos_of(given):
                if owners.setdefault(photo, row) != row:
                    left_out.append(
                        LeftOut(photo, f"is of another recipe than {batch.names[row - count]} too")
                    )
        tables.append(_table(model, batch))
        vectors.append(batch.vectors)
        count += len(batch.names)
    return pa.concat_tables(tables), np.concatenate(vectors)


def _photos_of(given: Any) -> list[str]:
    photos = given.get("photos") if isinstance(given, Mapping) else None
    return [str(photo) for photo in photos] if isinstance(photos, list | tuple) else []


def _table(model: Model, batch: Batch) -> Any:
    rows = [
        {
            "id": name,
            "url": web_address(given.get("url")) if isinstance(given, Mapping) else None,
            "title": text.title,
            "ingredients": text.ingredients,
            "instructions": text.instructions,
            "terms": rated_terms.spelled([term for term, _ in model.explain(text)]),
            "category": 0,
        }
        for name, (text, given) in zip(batch.names, batch.items, strict=True)
    ]
    return pa.Table.from_pylist(rows, RECIPES)


def _photos(
    folder: Path, model: Model, photos: Iterable[tuple[str, Photo]], left_out: list[LeftOut]
) -> tuple[list[str], Embeddings]:
    """Embed the photos, and write them to the store; returns their names and vectors."""
    names: list[str] = []
    vectors = [_none(model)]
    with store_writer(folder / paths.Index.STORE.name, model.photo_encoder.size) as append:
        for batch in photo_batches(model, photos, left_out):
            for name, jpeg in zip(batch.names, batch.items, strict=True):
                append({"photo": name, "recipe": NONE, "partition": "", "jpeg": jpeg})
            names += batch.names
            vectors.append(batch.vectors)
    return names, np.concatenate(vectors)


def _none(model: Model) -> Embeddings:
    return np.zeros((0, model.dimensions), np.float32)


def _index(path: Path, vectors: Embeddings, others: Embeddings) -> None:
    files.write_array(path, vectors)
    searcher(vectors, asking(vectors, others), "auto")[0].save(path.with_suffix(".faiss"))
