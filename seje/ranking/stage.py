"""Stage `ranking`: a score for every key term of every recipe, and the weighted term feature."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from seje.data.recipe_text import TEXT
from seje.data.recipe_views import WHOLE, seen
from seje.errors import SejeError
from seje.ranking.lsa import word_space, words_text
from seje.ranking.passes import COUNTED, FEATURES, SCORES, WORDS, CountTerms, PlaceWords, RateTerms
from seje.ranking.settings import RankingSettings
from seje.ranking.tfidf import Idf
from seje.shards import manifest
from seje.shards.settings import ClusterSettings
from seje.text import vectors
from seje.workspace import files, paths
from seje.workspace.sharding import LOCAL, Sharded, told

SAMPLE = 100_000  # train recipes that the word space is learnt from
TERMS, RATED, PLACED = "terms", "rated", "placed"  # pieces of work


def run(ranking: RankingSettings, cluster: ClusterSettings = LOCAL) -> None:
    """Rate the terms (IDF of the train partition alone) and form the features."""
    recipes = files.need(paths.Corpus.RECIPES, "corpus")
    terms = files.need(paths.Keyterms.TERMS, "keyterms")
    words = files.need(paths.Word2vec.VECTORS, "word2vec")
    if manifest.rows_of_parts(terms) != manifest.rows_of_parts(recipes):
        raise SejeError(f"{terms} is not of these recipes: run `dvc repro keyterms`")
    sharded = Sharded("ranking", ranking.model_dump(), [recipes, terms, words], cluster)
    frequencies, train = _frequencies(sharded)
    listed = sharded.beside(COUNTED)
    files.write_table(listed, pa.table({"term": pa.array(list(frequencies), pa.string())}))
    files.write_table(paths.Ranking.IDF, _idf_table(Idf.fit(frequencies, train)))
    rate = partial(RateTerms, recipes, terms, words, listed, paths.Ranking.IDF, ranking)
    records = sharded.make(RATED, rate, "gpu" if ranking.method == "bert" else "cpu", "recipes rated")
    sharded.take(paths.Ranking.FEATURES, RATED, records, FEATURES)
    sharded.take(paths.Ranking.SCORES, RATED, records, SCORES)
    place = partial(PlaceWords, recipes, _learn_words(train, ranking.words))
    placed = sharded.make(PLACED, place, "cpu", "recipes whose words are placed")
    sharded.take(paths.Ranking.WORDS, PLACED, placed, WORDS)
    rows = sum(record.files[SCORES].rows for record in records)
    rated = {
        "recipes_without_feature": told(records, "featureless"),
        "terms_per_recipe": told(records, "scores") / max(1, rows),
    }
    files.write_json(paths.metrics("ranking"), _vectors_of(list(frequencies)) | rated)
    sharded.done()


def _frequencies(sharded: Sharded) -> tuple[dict[str, int], int]:
    """All terms in the order of their first mention, each with its recipes of train; how many these are."""
    count = partial(CountTerms, paths.Corpus.RECIPES, paths.Keyterms.TERMS)
    records = sharded.make(TERMS, count, "cpu", "recipes whose terms are counted")
    frequencies: Counter[str] = Counter()
    for table in sharded.tables(TERMS, records, COUNTED):
        for term, recipes in zip(table["term"].to_pylist(), table["recipes"].to_pylist(), strict=True):
            frequencies[term] += recipes
    return frequencies, told(records, "train")


def _idf_table(idf: Idf) -> Any:
    """Lay out the IDF as a table; the first row, the empty term, is that of any term that train lacks."""
    terms, weights = ["", *idf.weights], [idf.unseen, *idf.weights.values()]
    return pa.table({"term": pa.array(terms, pa.string()), "idf": pa.array(weights, pa.float64())})


def _learn_words(train: int, size: int) -> Path | None:
    """Write the space of all words, no wider than `size`, learnt from a sample of the recipes of train."""
    if not size:
        return None
    try:
        space = word_space(list(_sample(max(1, -(-train // SAMPLE)))), size)
    except ValueError:
        raise SejeError("ranking: too little text in train for ranking.words: set it to 0") from None
    weights = {"idf": torch.from_numpy(space.idf), "axes": torch.from_numpy(space.axes)}
    files.write_weights(paths.Ranking.WORD_SPACE, weights, {"vocabulary": space.vocabulary})
    return paths.Ranking.WORD_SPACE


def _sample(step: int) -> Iterator[str]:
    """The text of one recipe of train in so many."""
    row = 0
    for batch in files.read_batches(paths.Corpus.RECIPES, "corpus", ["partition", *TEXT]):
        for recipe in batch.to_pylist():
            if recipe["partition"] == "train":
                if row % step == 0:
                    yield words_text(**seen(recipe, WHOLE))
                row += 1


def _vectors_of(terms: list[str]) -> dict[str, int]:
    """How many terms have a vector, and of what."""
    words = vectors.load(paths.Word2vec.VECTORS)
    known = sum(vectors.term_vector(words, term) is not None for term in terms)
    own = sum(term in words.rows for term in terms)
    return {
        "terms": len(terms),
        "terms_with_own_vector": own,
        "terms_with_vector_of_words": known - own,
        "terms_without_vector": len(terms) - known,
    }
