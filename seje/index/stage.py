"""Stage `index`: the embedding of every recipe and every photo, and the indexes to search among them."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seje.data.fingerprint import fingerprint
from seje.data.recipe_text import TEXT
from seje.index.bank import Bank
from seje.index.contents import asking, photo_table, recipe_table, searcher
from seje.index.embedding import PHOTOS, RECIPES, Embedder, Inputs
from seje.index.faiss_index import Floats, Vectors, exact, recall
from seje.index.folder import FACTS, Facts
from seje.index.lowered import LoweredVectors, asked
from seje.index.milvus import Milvus
from seje.index.settings import IndexSettings
from seje.photos.store import Photos, copy_without
from seje.retrieval.hubness import BANK, Method, Sides, choose
from seje.retrieval.val_score import CHOSEN_ON
from seje.shards import manifest
from seje.shards.settings import ClusterSettings
from seje.towers.embedding import embed_pairs
from seje.towers.features import PhotoFeatures, RecipeFeatures, Rows
from seje.towers.joint_model import JointModel
from seje.workspace import artefacts, files, paths, rated_terms
from seje.workspace.sharding import LOCAL, Sharded

EMBEDDED = "embedded"  # piece of work
Offsets = tuple[Floats | None, Floats | None]  # of recipes and of photos


def run(index: IndexSettings, cluster: ClusterSettings = LOCAL) -> None:
    """Embed the partitions asked for, recipes without a photo too; index them; measure recall@10."""
    inputs = _inputs()
    model, recipes, photos, _ = inputs
    recipe_rows, photo_rows = inputs.rows(index.partitions)
    sharded = _embed(index, cluster)
    bank = None if index.hubness == "none" else _bank(index.hubness, model, photos, recipes)
    of_recipes, of_photos = offsets = _offsets(bank, recipe_rows, photos.recipes[photo_rows])
    photos_of = np.searchsorted(recipe_rows, photos.recipes[photo_rows])
    _write_items(recipe_rows, photo_rows, recipes.categories, photos_of, offsets)
    made_by = files.read_json(paths.Model.FACTS, "model")["fingerprint"]
    chosen = bank.choice.as_json() if bank else None
    facts = Facts(
        made_by, artefacts.category_names(), index.uri, chosen and {"method": index.hubness} | chosen
    )
    files.write_json(paths.Index.FOLDER / FACTS, facts.as_json())
    told: dict[str, Any] = {
        "recipes": len(recipe_rows),
        "photos": len(photo_rows),
        "dimensions": model.sizes.embedding + model.sizes.linear,
    }
    told["search"] = {
        "recipes": _index(index, paths.Index.RECIPES, paths.Index.PHOTOS, of_recipes),
        "photos": _index(index, paths.Index.PHOTOS, paths.Index.RECIPES, of_photos),
    }
    files.write_json(paths.metrics("index"), told | ({index.hubness: chosen} if chosen else {}))
    sharded.done()


def _inputs() -> Inputs:
    """The trained model and the features of all recipes and photos, as it sees them."""
    partitions = files.read_table(paths.Corpus.RECIPES, "corpus", ["partition"])["partition"].to_numpy()
    found = artefacts.joint_model(), artefacts.joint_recipes(), artefacts.joint_photos()
    return Inputs(*found, partitions)


def _embed(index: IndexSettings, cluster: ClusterSettings) -> Sharded:
    """Have all recipes and photos of the partitions embedded, shard by shard."""
    along = [paths.Joint.PIXELS, paths.Joint.VECTORS, paths.Joint.LINES]
    read = [*artefacts.FEATURES, paths.Model.TOWERS, *(path for path in along if path.exists())]
    sharded = Sharded("index", {"partitions": index.partitions}, read, cluster)
    records = sharded.make(EMBEDDED, partial(Embedder, _inputs, index.partitions), "gpu", "embeddings")
    sharded.take(paths.Index.RECIPES, EMBEDDED, records, RECIPES)
    sharded.take(paths.Index.PHOTOS, EMBEDDED, records, PHOTOS)
    return sharded


def _bank(method: Method, model: JointModel, photos: PhotoFeatures, recipes: RecipeFeatures) -> Bank:
    """Embed the bank, and the val pairs that choose: the same as in the stage `evaluation`."""
    train, val = (
        artefacts.partition_pairs(photos, name).spread(most)
        for name, most in (("train", BANK), ("val", CHOSEN_ON))
    )
    sides, choosing = (Sides(*embed_pairs(model, photos, recipes, pairs)) for pairs in (train, val))
    return Bank(sides, train.recipes, choose(method, sides, choosing))


def _offsets(bank: Bank | None, recipe_rows: Rows, recipes_of_photos: Rows) -> Offsets:
    """Offsets of the vectors that were written: of recipes and of photos; None where there is no bank."""
    if not bank:
        return None, None
    of_recipes = bank.of_recipes(files.read_array(paths.Index.RECIPES, "index"), recipe_rows)
    return of_recipes, bank.of_photos(files.read_array(paths.Index.PHOTOS, "index"), recipes_of_photos)


def _write_items(
    recipe_rows: Rows, photo_rows: Rows, categories: Rows, photos_of: Rows, offsets: Offsets
) -> None:
    """Write what is shown of recipes, by their rows in the corpus, and of photos, by theirs in the store.

    `photos_of` is the recipe of each of the photos, counted among the recipes here.
    """
    of_recipes, of_photos = offsets
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "partition", "url", *TEXT]).take(
        recipe_rows
    )
    terms = pa.array(rated_terms.all_terms(), pa.list_(pa.string())).take(recipe_rows)
    table = table.append_column("terms", terms).append_column("category", pa.array(categories[recipe_rows]))
    files.write_table(paths.Index.RECIPE_ITEMS, _with(of_recipes, recipe_table(table, photos_of)))
    store = Photos(paths.Images.PHOTOS)
    shown = photo_table(store.photos[photo_rows], photos_of, table["id"])
    files.write_table(paths.Index.PHOTO_ITEMS, _with(of_photos, shown))
    with files.atomic(paths.Index.STORE) as part:
        copy_without(paths.Images.PHOTOS, np.setdiff1d(np.arange(len(store)), photo_rows), part)


def _with(offsets: Floats | None, table: Any) -> Any:
    return table if offsets is None else table.append_column("offset", pa.array(offsets))


def _index(index: IndexSettings, path: Path, other: Path, offsets: Floats | None) -> dict[str, Any]:
    """Build the index of the vectors in a file; the queries it is measured with are of the other side."""
    name, vectors = path.stem, files.read_array(path, "index")
    queries = asking(vectors, files.read_array(other, "index"))
    lowered: Vectors = vectors
    if offsets is not None:
        queries, lowered = asked(queries), LoweredVectors(vectors, offsets)
    if index.uri:
        milvus = Milvus.build(
            paths.milvus(index.uri), f"seje_{name}", fingerprint(manifest.stands_for(path)), lowered
        )
        found = recall(milvus, queries, lowered, exact(queries, lowered, 10)[0])
        milvus.close()
        return {"kind": "milvus", "recall@10": found}
    built, measured = searcher(lowered, queries, index.kind)
    with files.atomic(path.with_suffix(".faiss")) as part:
        built.save(part)
    return measured
