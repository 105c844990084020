"""Stage `ranking`: a score for every key term of every recipe, and the weighted term feature."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seje import files, params, paths
from seje.errors import SejeError
from seje.text import vectors
from seje.text.features import term_table, weighted_features
from seje.text.rating import Occurrences, tfidf


def run(ranking: params.Ranking) -> None:
    """Rate the terms (IDF of the train partition alone) and form the features."""
    keyterms = files.read_table(paths.Keyterms.TERMS, "keyterms", ["id", "terms"])
    recipes = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "partition"])
    if keyterms["id"].to_pylist() != recipes["id"].to_pylist():
        raise SejeError(f"{paths.Keyterms.TERMS} is not of these recipes: run `dvc repro keyterms`")
    occurrences = _occurrences(keyterms["terms"])
    train = pc.equal(recipes["partition"], "train").to_numpy()
    scores = tfidf(occurrences, train)
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    table, known = term_table(words, occurrences.terms)
    features = weighted_features(scores, table, known, ranking.weighted_mean, ranking.l2)
    files.write_table(paths.Ranking.SCORES, _score_table(recipes["id"], occurrences.terms, scores))
    files.write_array(paths.Ranking.FEATURES, features)
    measured = {
        "terms": len(occurrences.terms),
        "terms_without_vector": int((~known).sum()),
        "recipes_without_feature": int((~features.any(axis=1)).sum()),
        "terms_per_recipe": scores.nnz / max(1, scores.shape[0]),
    }
    files.write_json(paths.metrics("ranking"), measured)


def _occurrences(column: Any) -> Occurrences:
    """Number the terms of a list column in the order in which they first come up."""
    lengths = pc.list_value_length(column).fill_null(0).to_numpy()
    numbered = pc.list_flatten(column).combine_chunks().dictionary_encode()
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return Occurrences(numbered.dictionary.to_pylist(), numbered.indices.to_numpy(), offsets)


def _score_table(ids: Any, terms: list[str], scores: Any) -> Any:
    spelled = pa.array(terms, pa.string()).take(pa.array(scores.indices))
    offsets = pa.array(scores.indptr, pa.int32())
    columns = {
        "id": ids,
        "terms": pa.ListArray.from_arrays(offsets, spelled),
        "scores": pa.ListArray.from_arrays(offsets, pa.array(scores.data, pa.float32())),
    }
    return pa.table(columns)
