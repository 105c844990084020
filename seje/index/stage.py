"""Stage `index`: the embedding of every recipe and every photo, and the indexes to search among them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seje.data.fingerprint import fingerprint
from seje.data.recipe_text import TEXT
from seje.index.contents import asking, photo_table, recipe_table, searcher
from seje.index.faiss_index import exact, recall
from seje.index.folder import FACTS, Facts
from seje.index.milvus import Milvus
from seje.index.settings import IndexSettings
from seje.photos.store import Photos, copy_without
from seje.towers.embedding import Embeddings, embed_photos, embed_recipes
from seje.towers.features import Rows
from seje.workspace import artefacts, files, paths, rated_terms

VECTORS_IN_MEMORY = 65_536  # vectors held in memory at a time


def run(index: IndexSettings) -> None:
    """Embed the partitions asked for, recipes without a photo too; index them; measure recall@10."""
    photos, model = artefacts.joint_photos(), artefacts.joint_model()
    recipes = artefacts.recipe_features(model.sizes.recipe)
    partitions = files.read_table(paths.Corpus.RECIPES, "corpus", ["partition"])["partition"].to_numpy()
    wanted = np.isin(partitions, index.partitions)
    recipe_rows, photo_rows = np.flatnonzero(wanted), np.flatnonzero(wanted[photos.recipes])
    width = model.sizes.embedding + model.sizes.linear
    _write(paths.Index.RECIPES, recipe_rows, width, lambda rows: embed_recipes(model, recipes, rows))
    _write(paths.Index.PHOTOS, photo_rows, width, lambda rows: embed_photos(model, photos, rows))
    photos_of = np.searchsorted(recipe_rows, photos.recipes[photo_rows])
    _write_items(recipe_rows, photo_rows, recipes.categories, photos_of)
    made_by = files.read_json(paths.Model.FACTS, "model")["fingerprint"]
    facts = Facts(made_by, artefacts.category_names(), index.uri)
    files.write_json(paths.Index.FOLDER / FACTS, facts.as_json())
    sizes = {"recipes": len(recipe_rows), "photos": len(photo_rows), "dimensions": width}
    found = {
        "recipes": _index(index, paths.Index.RECIPES, paths.Index.PHOTOS),
        "photos": _index(index, paths.Index.PHOTOS, paths.Index.RECIPES),
    }
    files.write_json(paths.metrics("index"), sizes | {"search": found})


def _write_items(recipe_rows: Rows, photo_rows: Rows, categories: Rows, photos_of: Rows) -> None:
    """Write what is shown of recipes, by their rows in the corpus, and of photos, by theirs in the store.

    `photos_of` is the recipe of each of the photos, counted among the recipes here.
    """
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "partition", *TEXT]).take(recipe_rows)
    terms = pa.array(rated_terms.all_terms(), pa.list_(pa.string())).take(recipe_rows)
    table = table.append_column("terms", terms).append_column("category", pa.array(categories[recipe_rows]))
    files.write_table(paths.Index.RECIPE_ITEMS, recipe_table(table, photos_of))
    store = Photos(paths.Images.PHOTOS)
    files.write_table(paths.Index.PHOTO_ITEMS, photo_table(store.photos[photo_rows], photos_of, table["id"]))
    with files.atomic(paths.Index.STORE) as part:
        copy_without(paths.Images.PHOTOS, np.setdiff1d(np.arange(len(store)), photo_rows), part)


def _write(path: Path, rows: Any, width: int, embed: Callable[[Any], Embeddings]) -> None:
    with files.atomic(path) as part:
        out = files.new_array(part, np.float32, (len(rows), width))
        for start in range(0, len(rows), VECTORS_IN_MEMORY):
            out[start : start + VECTORS_IN_MEMORY] = embed(rows[start : start + VECTORS_IN_MEMORY])
        out.flush()


def _index(index: IndexSettings, path: Path, other: Path) -> dict[str, Any]:
    """Build the index of the vectors in a file; the queries it is measured with are of the other side."""
    name, vectors, others = path.stem, files.read_array(path, "index"), files.read_array(other, "index")
    if index.uri:
        milvus = Milvus.build(paths.milvus(index.uri), f"seje_{name}", fingerprint(path), vectors)
        queries = asking(vectors, others)
        found = recall(milvus, queries, vectors, exact(queries, vectors, 10)[0])
        milvus.close()
        return {"kind": "milvus", "recall@10": found}
    built, measured = searcher(vectors, others, index.kind)
    with files.atomic(path.with_suffix(".faiss")) as part:
        built.save(part)
    return measured
