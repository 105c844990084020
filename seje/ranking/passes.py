"""The terms of a shard of recipes, counted and then rated; all its words placed in the word space.

A worker makes each pass of files alone, and holds no more than a shard.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seje.data.recipe_text import TEXT, recipe_text
from seje.data.recipe_views import SHOWN, VIEWS, WHOLE, seen
from seje.data.weights import load_weights
from seje.errors import SejeError
from seje.ranking.lsa import Floats, WordSpace, words_text
from seje.ranking.methods import rater
from seje.ranking.settings import RankingSettings
from seje.ranking.term_feature import weighted_features
from seje.ranking.tfidf import Idf, document_frequencies, number_terms
from seje.shards.place import digest
from seje.shards.tables import shard_batches, shard_table
from seje.shards.work import Made, Notes, Task
from seje.text import vectors
from seje.text.vectors import term_table

# Files of a shard.
COUNTED, SCORES, FEATURES, WORDS = "terms.parquet", "scores.parquet", "features.npy", "words.npy"
ROWS_PER_GROUP = 20_000  # of the scores


class CountTerms:
    """First pass: lists the distinct terms, in the order of their first mention.

    Args:
        recipes: the corpus's table, or its shards.
        terms: the key terms of its recipes, in as many shards.
    """

    def __init__(self, recipes: Path, terms: Path) -> None:
        self._recipes, self._terms = recipes, terms

    def reads(self, task: Task) -> str:
        """Nothing beside shards."""
        return ""

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write in how many recipes of train each term is; tell how many these are."""
        recipes = shard_table(self._recipes, task.number, ["id", "partition"])
        own = shard_table(self._terms, task.number, ["id", "terms"])
        if not own["id"].equals(recipes["id"]):
            raise SejeError(f"{self._terms} is not of these recipes: run `dvc repro keyterms`")
        occurrences = number_terms(own["terms"].chunks)
        train = pc.equal(recipes["partition"], "train").to_numpy()
        columns = {
            "term": pa.array(occurrences.terms, pa.string()),
            "recipes": pa.array(document_frequencies(occurrences, train), pa.int64()),
        }
        pq.write_table(pa.table(columns), folder / COUNTED)
        return Made({COUNTED: len(occurrences.terms)}, {"train": int(train.sum())})


class RateTerms:
    """Second pass: rates the terms and forms the features, view by view.

    Args:
        recipes: the corpus's table, or its shards.
        terms: the key terms of its recipes, in as many shards.
        words: the word vectors.
        all_terms: a table of all terms, in the order of their first mention.
        idf: the IDF of those of train, as the stage writes it.
        ranking: how they are rated.
    """

    def __init__(
        self, recipes: Path, terms: Path, words: Path, all_terms: Path, idf: Path, ranking: RankingSettings
    ) -> None:
        self._recipes, self._terms, self._ranking = recipes, terms, ranking
        self._words = vectors.load(words)
        told = pq.read_table(idf)
        self._rate = rater(ranking, Idf.stored(told["term"].to_pylist(), told["idf"].to_pylist()))
        listed = pq.read_table(all_terms)["term"].to_pylist()
        self._numbers = {term: number for number, term in enumerate(listed)}
        self._read = digest(all_terms) + digest(idf)

    def reads(self, task: Task) -> str:
        """Hashes of the terms and of the IDF."""
        return self._read

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write scores and features; tell how many recipes have no feature, and how many scores there are."""
        own = shard_table(self._terms, task.number, ["id", "terms", "fields"])
        occurrences = number_terms(own["terms"].chunks).in_order(self._numbers)
        fields = pc.index_in(pc.list_flatten(own["fields"]), pa.array(TEXT)).to_numpy()
        table, known = term_table(self._words, occurrences.terms)
        features = np.empty((task.rows, VIEWS, table.shape[1]), np.float32)
        for view in reversed(range(VIEWS)):  # the whole last: its scores are kept
            texts = _texts(self._recipes, task.number, recipe_text, view)
            scores = self._rate(occurrences.only(SHOWN[view][fields]), texts)
            features[:, view] = weighted_features(scores, table, known, self._ranking.weighted_mean)
        np.save(folder / FEATURES, features)
        rated = _score_table(own["id"], occurrences.terms, scores)
        pq.write_table(rated, folder / SCORES, row_group_size=ROWS_PER_GROUP, compression="zstd")
        featureless = int((~features[:, WHOLE].any(axis=1)).sum())
        told = {"featureless": featureless, "scores": scores.nnz}
        return Made({FEATURES: task.rows, SCORES: task.rows}, told)


class PlaceWords:
    """Places all words of a recipe in the word space, view by view.

    Args:
        recipes: the corpus's table, or its shards.
        space: the word space, as the stage writes it; None for features of no width.
    """

    def __init__(self, recipes: Path, space: Path | None) -> None:
        self._recipes, self._space = recipes, _space(space) if space else None
        self._read = digest(space) + digest(space.with_suffix(".json")) if space else ""

    def reads(self, task: Task) -> str:
        """Hashes of the word space."""
        return self._read

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write the features of all words."""
        np.save(folder / WORDS, self._placed(task, self._space) if self._space else _empty(task))
        return Made({WORDS: task.rows}, {})

    def _placed(self, task: Task, space: WordSpace) -> Floats:
        features = np.empty((task.rows, VIEWS, space.axes.shape[1]), np.float32)
        row = 0
        for batch in shard_batches(self._recipes, task.number, TEXT):
            for view in range(VIEWS):
                texts = [words_text(**seen(recipe, view)) for recipe in batch.to_pylist()]
                features[row : row + len(batch), view] = space.transform(texts)
            row += len(batch)
        return features


def _empty(task: Task) -> Floats:
    return np.zeros((task.rows, VIEWS, 0), np.float32)


def _space(path: Path) -> WordSpace:
    weights, config = load_weights(path)
    return WordSpace(config["vocabulary"], weights["idf"].numpy(), weights["axes"].numpy())


def _texts(recipes: Path, number: int, text: Callable[..., str], view: int) -> Iterator[str]:
    """What a view shows of each recipe, as one text."""
    for batch in shard_batches(recipes, number, TEXT):
        yield from (text(**seen(recipe, view)) for recipe in batch.to_pylist())


def _score_table(ids: Any, terms: list[str], scores: Any) -> Any:
    spelled = pa.DictionaryArray.from_arrays(pa.array(scores.indices), pa.array(terms, pa.string()))
    offsets = pa.array(scores.indptr, pa.int32())
    columns = {
        "id": ids,
        "terms": pa.ListArray.from_arrays(offsets, spelled),
        "scores": pa.ListArray.from_arrays(offsets, pa.array(scores.data, pa.float32())),
    }
    return pa.table(columns)
