"""Stage `ranking`: a score for every key term of every recipe, and the weighted term feature."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from seje.data.arrays import new_array
from seje.data.recipe_text import TEXT, recipe_text
from seje.data.recipe_views import SHOWN, VIEWS, WHOLE, seen
from seje.errors import SejeError
from seje.ranking.lsa import word_space, words_text
from seje.ranking.methods import rater
from seje.ranking.settings import RankingSettings
from seje.ranking.term_feature import weighted_features
from seje.ranking.tfidf import Idf, number_terms
from seje.text import vectors
from seje.text.vectors import term_table
from seje.workspace import files, paths

SAMPLE = 100_000  # train recipes that the word space is learnt from


def run(ranking: RankingSettings) -> None:
    """Rate the terms (IDF of the train partition alone) and form the features."""
    recipes = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "partition"])
    if not files.read_table(paths.Keyterms.TERMS, "keyterms", ["id"])["id"].equals(recipes["id"]):
        raise SejeError(f"{paths.Keyterms.TERMS} is not of these recipes: run `dvc repro keyterms`")
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    batches = files.read_batches(paths.Keyterms.TERMS, "keyterms", ["terms"])
    occurrences = number_terms(batch["terms"] for batch in batches)
    idf = Idf.fit(occurrences, pc.equal(recipes["partition"], "train").to_numpy())
    rate = rater(ranking, idf)
    table, known = term_table(words, occurrences.terms)
    fields = _fields()
    shape = (len(recipes), VIEWS, table.shape[1])
    with files.atomic(paths.Ranking.FEATURES) as part:
        out = new_array(part, np.float32, shape)
        for view in reversed(range(VIEWS)):  # the whole last: its scores are kept
            scores = rate(occurrences.only(SHOWN[view][fields]), _texts(recipe_text, view))
            out[:, view] = weighted_features(scores, table, known, ranking.weighted_mean)
        featureless = int((~out[:, WHOLE].any(axis=1)).sum())
        out.flush()
    files.write_table(paths.Ranking.IDF, _idf_table(idf))
    files.write_table(paths.Ranking.SCORES, _score_table(recipes["id"], occurrences.terms, scores))
    _write_words(recipes["partition"].to_numpy() == "train", ranking.words)
    own = sum(term in words.rows for term in occurrences.terms)
    measured = {
        "terms": len(occurrences.terms),
        "terms_with_own_vector": own,
        "terms_with_vector_of_words": int(known.sum()) - own,
        "terms_without_vector": int((~known).sum()),
        "recipes_without_feature": featureless,
        "terms_per_recipe": scores.nnz / max(1, scores.shape[0]),
    }
    files.write_json(paths.metrics("ranking"), measured)


def _idf_table(idf: Idf) -> Any:
    """Lay out the IDF as a table; the first row, the empty term, is that of any term that train lacks."""
    terms, weights = ["", *idf.weights], [idf.unseen, *idf.weights.values()]
    return pa.table({"term": pa.array(terms, pa.string()), "idf": pa.array(weights, pa.float64())})


def _write_words(train: Any, size: int) -> None:
    """Write the feature of all words, no wider than `size`, and the space that it is in."""
    if not size:
        return files.write_array(paths.Ranking.WORDS, np.zeros((len(train), VIEWS, 0), np.float32))
    rows = np.flatnonzero(train)
    sample = set(rows[:: -(-len(rows) // SAMPLE)].tolist())
    try:
        space = word_space(
            [text for row, text in enumerate(_texts(words_text, WHOLE)) if row in sample], size
        )
    except ValueError:
        raise SejeError("ranking: too little text in train for ranking.words: set it to 0") from None
    with files.atomic(paths.Ranking.WORDS) as part:
        out = new_array(part, np.float32, (len(train), VIEWS, space.axes.shape[1]))
        row = 0
        for batch in files.read_batches(paths.Corpus.RECIPES, "corpus", TEXT):
            for view in range(VIEWS):
                texts = [words_text(**seen(recipe, view)) for recipe in batch.to_pylist()]
                out[row : row + len(batch), view] = space.transform(texts)
            row += len(batch)
        out.flush()
    weights = {"idf": torch.from_numpy(space.idf), "axes": torch.from_numpy(space.axes)}
    files.write_weights(paths.Ranking.WORD_SPACE, weights, {"vocabulary": space.vocabulary})


def _texts(text: Callable[..., str], view: int) -> Iterator[str]:
    """What a view shows of each recipe, as one text."""
    for batch in files.read_batches(paths.Corpus.RECIPES, "corpus", TEXT):
        yield from (text(**seen(recipe, view)) for recipe in batch.to_pylist())


def _fields() -> Any:
    """Which part of its recipe each occurrence of a term stands in, by its place in TEXT: [N]."""
    parts = pa.array(TEXT)
    batches = files.read_batches(paths.Keyterms.TERMS, "keyterms", ["fields"])
    found = [pc.index_in(pc.list_flatten(batch["fields"]), parts).to_numpy() for batch in batches]
    return np.concatenate([np.zeros(0, np.int32), *found])


def _score_table(ids: Any, terms: list[str], scores: Any) -> Any:
    spelled = pa.DictionaryArray.from_arrays(pa.array(scores.indices), pa.array(terms, pa.string()))
    offsets = pa.array(scores.indptr, pa.int32())
    columns = {
        "id": ids,
        "terms": pa.ListArray.from_arrays(offsets, spelled),
        "scores": pa.ListArray.from_arrays(offsets, pa.array(scores.data, pa.float32())),
    }
    return pa.table(columns)
