"""Stage `index`: the embedding of every recipe and every photo, and the indexes to search among them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from seje.data.fingerprint import fingerprint
from seje.data.recipe_text import TEXT
from seje.index.faiss_index import Index, choose, exact, recall
from seje.index.folder import FACTS, Facts
from seje.index.milvus import Milvus
from seje.index.settings import IndexSettings
from seje.photos.store import Photos, copy_without
from seje.towers.embedding import embed_photos, embed_recipes
from seje.workspace import artefacts, files, paths, rated_terms

VECTORS_IN_MEMORY = 65_536  # vectors held in memory at a time
SAMPLE = 500  # queries that recall is measured with
AIM = 0.95  # recall@10

Embeddings = npt.NDArray[np.float32]


def run(index: IndexSettings) -> None:
    """Embed the partitions asked for, recipes without a photo too; index them; measure recall@10."""
    photos, model = artefacts.joint_photos(), artefacts.joint_model()
    recipes = artefacts.recipe_features(model.sizes.recipe)
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "partition", *TEXT])
    wanted = np.isin(table["partition"].to_numpy(), index.partitions)
    recipe_rows, photo_rows = np.flatnonzero(wanted), np.flatnonzero(wanted[photos.recipes])
    width = model.sizes.embedding + model.sizes.linear
    _write(paths.Index.RECIPES, recipe_rows, width, lambda rows: embed_recipes(model, recipes, rows))
    _write(paths.Index.PHOTOS, photo_rows, width, lambda rows: embed_photos(model, photos, rows))
    items = np.searchsorted(recipe_rows, photos.recipes[photo_rows])
    first = np.searchsorted(items, np.arange(len(recipe_rows)))
    shown = np.isin(np.arange(len(recipe_rows)), items)
    columns = {
        "terms": pa.array(rated_terms.all_terms(), pa.list_(pa.string())).take(recipe_rows),
        "category": recipes.categories[recipe_rows],
        "first": pa.array(first, mask=~shown),
        "row": recipe_rows,
    }
    text = table.take(recipe_rows)
    for name, column in columns.items():
        text = text.append_column(name, pa.array(column))
    files.write_table(paths.Index.RECIPE_ITEMS, text)
    store = Photos(paths.Images.PHOTOS)
    of_recipes = table["id"].take(photos.recipes[photo_rows])
    rows = {"photo": store.photos[photo_rows], "recipe": of_recipes, "item": items, "row": photo_rows}
    files.write_table(paths.Index.PHOTO_ITEMS, pa.table(rows))
    with files.atomic(paths.Index.STORE) as part:
        copy_without(paths.Images.PHOTOS, np.setdiff1d(np.arange(len(store)), photo_rows), part)
    made_by = files.read_json(paths.Model.FOLDER / "model.json", "model")["fingerprint"]
    facts = Facts(made_by, artefacts.category_names(), index.uri)
    files.write_json(paths.Index.FOLDER / FACTS, facts.as_json())
    sizes = {"recipes": len(recipe_rows), "photos": len(photo_rows), "dimensions": width}
    found = {
        "recipes": _index(index, paths.Index.RECIPES, paths.Index.PHOTOS),
        "photos": _index(index, paths.Index.PHOTOS, paths.Index.RECIPES),
    }
    files.write_json(paths.metrics("index"), sizes | {"search": found})


def _write(path: Path, rows: Any, width: int, embed: Callable[[Any], Embeddings]) -> None:
    with files.atomic(path) as part:
        out = files.new_array(part, np.float32, (len(rows), width))
        for start in range(0, len(rows), VECTORS_IN_MEMORY):
            out[start : start + VECTORS_IN_MEMORY] = embed(rows[start : start + VECTORS_IN_MEMORY])
        out.flush()


def _index(index: IndexSettings, path: Path, other: Path) -> dict[str, Any]:
    """Build the index of the vectors in a file; the queries it is measured with are of the other side."""
    name, vectors, others = path.stem, files.read_array(path, "index"), files.read_array(other, "index")
    asking = others if len(others) else vectors
    queries = np.asarray(asking[:: -(-len(asking) // SAMPLE)])
    if index.uri:
        milvus = Milvus.build(paths.milvus(index.uri), f"seje_{name}", fingerprint(path), vectors)
        found = recall(milvus, queries, vectors, exact(queries, vectors, 10)[0])
        milvus.close()
        return {"kind": "milvus", "recall@10": found}
    built = Index.build(vectors, index.kind, index.storage)
    found = built.widen(queries, vectors, AIM)
    with files.atomic(paths.Index.FOLDER / f"{name}.faiss") as part:
        built.save(part)
    return {"kind": choose(index.kind, len(vectors)), "storage": index.storage, "recall@10": found}
