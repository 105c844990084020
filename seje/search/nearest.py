"""Search: the recipes and photos of the index that lie nearest to what is asked."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from seje.data.fingerprint import fingerprint
from seje.data.recipe_text import TEXT
from seje.errors import SejeError
from seje.index.faiss_index import Index, Rows, Searcher
from seje.index.milvus import Milvus
from seje.model.model import Embeddings, Model
from seje.photos.store import Photos
from seje.text.tokens import tokens
from seje.workspace import artefacts, files, lineage, params, paths, rated_terms

Side = Literal["recipes", "photos"]
Hit = dict[str, Any]


class Search:
    """The index, what its rows are of, and `model`, which embeds what is asked."""

    def __init__(self, sections: params.Params) -> None:
        lineage.check("index")
        self.model = Model(paths.Model.FOLDER)
        self._indexes: dict[Side, Searcher] = {
            "recipes": _open("recipes", sections.index.uri),
            "photos": _open("photos", sections.index.uri),
        }
        self._recipes = files.read_table(paths.Index.RECIPE_ITEMS, "index")
        self._photos = files.read_table(paths.Index.PHOTO_ITEMS, "index")
        self._store = Photos(files.need(paths.Images.PHOTOS, "images"))
        self._ids = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "title"])
        self._category = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_numpy()
        self.categories = artefacts.category_names()
        self._rows: dict[Side, Rows] = {
            "recipes": self._recipes["row"].to_numpy(),
            "photos": self._store.recipes[self._photos["row"].to_numpy()],
        }

    def find(self, vector: Embeddings, side: Side, k: int, category: str | None = None) -> list[Hit]:
        """List the k recipes or photos nearest to a vector [E], nearest first; fewer if there are fewer."""
        if category is not None and category not in self.categories:
            spelt = " ".join(tokens(category))  # as the names built from titles are
            if spelt not in self.categories:
                raise SejeError(
                    f"no category is called {category!r:.80}; {paths.Categories.CLASSES} lists them"
                )
            category = spelt
        allowed = np.array([category in (None, name) for name in self.categories])
        scores, rows = self._indexes[side].search_among(vector, k, allowed[self._category[self._rows[side]]])
        return [self._hit(side, float(score), int(row)) for score, row in zip(scores, rows, strict=True)]

    def recipe(self, recipe: str) -> Hit:
        """Give a recipe of the corpus by its id; raises KeyError for an unknown one."""
        row = _place(self._ids["id"], recipe)
        text = files.read_row(paths.Corpus.RECIPES, "corpus", row)
        own = slice(*np.searchsorted(self._store.recipes, [row, row + 1]))
        return {
            **{key: text[key] for key in ("id", "partition", *TEXT)},
            "category": self.categories[self._category[row]],
            "terms": rated_terms.spelled(rated_terms.heaviest_terms(row)),
            "photos": self._store.photos[own].tolist(),
        }

    def photo(self, name: str) -> bytes:
        """Give a photo of the index, as JPEG, by its name; raises KeyError for an unknown one."""
        return bytes(self._store.jpeg(int(self._photos["row"][_place(self._photos["photo"], name)].as_py())))

    def sizes(self) -> dict[str, int]:
        """Count what is indexed."""
        return {side: len(index) for side, index in self._indexes.items()}

    def _hit(self, side: Side, score: float, row: int) -> Hit:
        corpus_row = int(self._rows[side][row])
        item = int(np.searchsorted(self._rows["recipes"], corpus_row))
        own = int(np.searchsorted(self._store.recipes, corpus_row))
        shown = own < len(self._store) and self._store.recipes[own] == corpus_row
        first = str(self._store.photos[own]) if shown else None
        return {
            "score": score,
            "photo": self._photos["photo"][row].as_py() if side == "photos" else first,
            "id": self._ids["id"][corpus_row].as_py(),
            "title": self._ids["title"][corpus_row].as_py(),
            "category": self.categories[self._category[corpus_row]],
            "terms": self._recipes["terms"][item].as_py(),
        }


def combine(plus: Sequence[Embeddings], minus: Sequence[Embeddings]) -> Embeddings:
    """Add and take away vectors [E]: the unit vector of the sum; raises SejeError where there is none."""
    if not plus and not minus:
        raise SejeError("search: nothing asked: give a photo, words, a recipe or ingredients")
    total: Embeddings = np.sum([*plus, *(-vector for vector in minus)], axis=0)
    length = float(np.linalg.norm(total))
    if length < 1e-6:
        raise SejeError("search: what is added and what is taken away are the same: nothing is left to find")
    return total / np.float32(length)


def _open(side: Side, uri: str | None) -> Searcher:
    if uri:
        vectors = paths.Index.RECIPES if side == "recipes" else paths.Index.PHOTOS
        return Milvus(paths.milvus(uri), f"seje_{side}", fingerprint(vectors))
    return Index.load(files.need(paths.Index.FAISS / f"{side}.faiss", "index"))


def _place(column: Any, value: str) -> int:
    row = files.place_of(column, value)
    if row < 0:
        raise KeyError(value)
    return row
