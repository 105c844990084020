"""Search: the recipes and photos of an index that lie nearest to what is asked."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from seje.data.fingerprint import fingerprint
from seje.data.recipe_text import TEXT
from seje.data.records import PARTITIONS
from seje.errors import SejeError
from seje.images.places import find
from seje.index.contents import NONE
from seje.index.faiss_index import Index, Searcher
from seje.index.folder import Facts, read_facts
from seje.index.lowered import Lowered
from seje.index.milvus import Milvus
from seje.model.bank import Doubt
from seje.model.model import Model
from seje.photos.decoding import BadPhoto, encode, open_photo
from seje.photos.store import Photos
from seje.shards import manifest
from seje.text.tokens import tokens
from seje.towers.embedding import Embeddings
from seje.workspace import files, paths
from seje.workspace.rated_terms import MAIN

Side = Literal["recipes", "photos"]
Hit = dict[str, Any]
BACKGROUND = 0  # the category of what is in none
QUALITY = 85  # of photos that are shown
DRAWN = 1000  # among which samples of different categories are sought


class Hits(list[Hit]):
    """What was found, nearest first, and what is to be said of the question.

    Args:
        found: the hits.
        unknown: words of the question that nothing trained knows.
        doubts: why the answer is not sure: for each part of the question that is like nothing trained on, or
            of which that was not measured. Empty: it is as sure as answers are.
    """

    def __init__(self, found: Iterable[Hit], unknown: list[str], doubts: list[Doubt]) -> None:
        super().__init__(found)
        self.unknown, self.doubts = unknown, doubts


class Search:
    """An index folder, as the stage `index` or `seje.Index` writes it, and the model that it was made by.

    Raises SejeError where the index was made by another model.
    """

    def __init__(self, model: Model, folder: Path) -> None:
        self.model = model
        facts = read_facts(folder)
        if facts.model != model.fingerprint:
            raise SejeError(
                f"{folder} was made by the model {facts.model}, {model.folder.path} is {model.fingerprint}: "
                "give the model that belongs to the index, or make the index anew"
            )
        self.folder = folder
        self._path = folder / paths.Index.RECIPE_ITEMS.name
        columns = ["id", "title", "category", "terms", "first"]
        self._recipes = files.read_table(self._path, "index", columns)
        photos = folder / paths.Index.PHOTO_ITEMS.name
        self._photos = files.read_table(photos, "index")
        self._indexes: dict[Side, Searcher] = {
            "recipes": _open(folder, "recipes", facts, self._path),
            "photos": _open(folder, "photos", facts, photos),
        }
        self._store = Photos(files.need(folder / paths.Index.STORE.name, "index"))
        self.categories = facts.categories
        category = self._recipes["category"].to_numpy()
        self._recipe_of = self._photos["item"].to_numpy()
        of_photos = np.append(category, BACKGROUND)[self._recipe_of]  # the last where a photo is of none
        self._category = {"recipes": category, "photos": of_photos}

    def find(self, vector: Embeddings, side: Side, k: int, category: str | None = None) -> list[Hit]:
        """List the k recipes or photos nearest to a vector [E], nearest first; fewer if there are fewer.

        Their `score` is the cosine. Where the index was built with `hubness`, the order is that of the cosine
        less an offset of each, and the scores need not fall.
        """
        if category is not None and category not in self.categories:
            spelt = " ".join(tokens(category))  # as the names built from titles are
            if spelt not in self.categories:
                raise SejeError(f"no category is called {category!r:.80}; there are {_some(self.categories)}")
            category = spelt
        allowed = np.array([category in (None, name) for name in self.categories])
        scores, rows = self._indexes[side].search_among(vector, k, allowed[self._category[side]])
        return self._hits(side, scores.tolist(), rows)

    def side_for(self, asked_by_photo: bool) -> Side:
        """Choose what to find: recipes for a photo, photos for text, where there are any; else the others."""
        recipes, photos = (len(self._indexes[side]) for side in ("recipes", "photos"))
        return "recipes" if recipes and (asked_by_photo or not photos) else "photos"

    def recipe(self, recipe: str) -> Hit:
        """Give a recipe of the index by its id; raises KeyError for an unknown one."""
        item = _place(self._recipes["id"], recipe)
        text = files.read_row(self._path, "index", item)
        own = np.flatnonzero(self._recipe_of == item)
        return {
            **{key: text[key] for key in ("id", "partition", "url", *TEXT, "terms")},
            "category": self.categories[text["category"]],
            "photos": self._photos["photo"].take(own).to_pylist(),
        }

    def photo(self, name: str) -> bytes:
        """Give a photo of the index, as JPEG, by its name; raises KeyError for an unknown one."""
        return bytes(self._store.jpeg(_place(self._photos["photo"], name)))

    def original(self, name: str, images: Path) -> Path | None:
        """Find the file of a photo of the corpus under the folder of its photos; None where it is not there.

        Raises KeyError for a photo that is not in the index.
        """
        own = self._recipe_of[_place(self._photos["photo"], name)]
        partition = files.read_row(self._path, "index", int(own))["partition"] if own != NONE else ""
        # Its own folder first; after corpus.split: source the given partition's.
        return find(images, name, dict.fromkeys([partition, *PARTITIONS]))

    def shown(self, name: str, original: Path | None, size: int) -> bytes:
        """Give a photo as JPEG, its shorter side at most `size` pixels, of its original, else the stored one.

        Raises KeyError for a photo that is not in the index.
        """
        try:
            return encode(open_photo(original, size), QUALITY)
        except BadPhoto:
            return self.photo(name)

    def samples(self, side: Side, count: int) -> list[Hit]:
        """Draw some of a side, always the same, of different categories as far as there are such."""
        drawn = np.random.default_rng(0).permutation(len(self._category[side]))[:DRAWN]
        of = self._category[side][drawn]
        first = np.sort(np.unique(of, return_index=True)[1])
        first = first[of[first] != BACKGROUND]
        order = [*first, *np.setdiff1d(np.arange(len(drawn)), first)]
        rows = drawn[np.asarray(order[:count], np.int64)]
        return self._hits(side, [1.0] * len(rows), rows)

    def sizes(self) -> dict[str, int]:
        """Count what is indexed."""
        return {side: len(index) for side, index in self._indexes.items()}

    def _hits(self, side: Side, scores: list[float], rows: Any) -> list[Hit]:
        """Show rows of a side; their columns are read at once, which costs little more than a cell."""
        items = rows if side == "recipes" else self._recipe_of[rows]
        facts = self._recipes.take(pa.array(items, mask=items == NONE)).to_pylist()
        photos = rows if side == "photos" else pa.array([one["first"] for one in facts], pa.int64())
        shown = self._photos["photo"].take(pa.array(photos)).to_pylist()
        hits = zip(scores, facts, shown, strict=True)
        return [{"score": score, "photo": photo, **self._facts(of)} for score, of, photo in hits]

    def _facts(self, recipe: Hit) -> Hit:
        """Show a recipe; one whose columns are None is that of a photo of none."""
        if recipe["id"] is None:
            return {"id": None, "title": "", "category": self.categories[BACKGROUND], "terms": []}
        return {
            "id": recipe["id"],
            "title": recipe["title"],
            "category": self.categories[recipe["category"]],
            "terms": recipe["terms"][:MAIN],
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


def _open(folder: Path, side: Side, facts: Facts, items: Path) -> Searcher:
    index = _searcher(folder, side, facts)
    if not facts.hubness:
        return index
    return Lowered(index, files.read_table(items, "index", ["offset"])["offset"].to_numpy())


def _searcher(folder: Path, side: Side, facts: Facts) -> Searcher:
    if facts.uri:
        return Milvus(
            paths.milvus(facts.uri, folder),
            f"seje_{side}",
            fingerprint(manifest.stands_for(folder / f"{side}.npy")),
        )
    return Index.load(files.need(folder / f"{side}.faiss", "index"))


def _some(names: Sequence[str]) -> str:
    """Name up to ten of them."""
    return ", ".join([*names[:10], *(["..."] if len(names) > 10 else [])])


def _place(column: Any, value: str) -> int:
    row = files.place_of(column, value)
    if row < 0:
        raise KeyError(value)
    return row
