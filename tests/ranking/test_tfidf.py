from collections import Counter
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.ranking.tfidf import Idf, Occurrences, document_frequencies, tfidf

TERMS = st.sampled_from(["salt", "red_wine", "", "_", "cr\u00e8me", "\U0001f35d", "a b", "chop"])
RECIPES = st.lists(st.tuples(st.lists(TERMS, max_size=12), st.booleans()), max_size=8)


def occurrences(recipes):
    terms = list(dict.fromkeys(term for recipe in recipes for term in recipe))
    ids = np.array([terms.index(term) for recipe in recipes for term in recipe], np.int32)
    offsets = np.cumsum([0] + [len(recipe) for recipe in recipes]).astype(np.int64)
    return Occurrences(terms, ids, offsets)


def rated(found, train):
    frequencies = dict(zip(found.terms, document_frequencies(found, train).tolist(), strict=True))
    return tfidf(found, Idf.fit(frequencies, int(train.sum())))


def naive(recipes, train):
    learnt = [recipe for recipe, chosen in zip(recipes, train, strict=True) if chosen]
    for recipe in recipes:
        scores = {}
        for term, tf in Counter(recipe).items():
            df = sum(term in other for other in learnt)
            scores[term] = tf * (1 + log((1 + len(learnt)) / (1 + df)) if learnt else 1)
        yield scores


@given(RECIPES)
def test_tfidf_is_that_of_the_formula(drawn):
    recipes, train = [terms for terms, _ in drawn], [chosen for _, chosen in drawn]
    found = occurrences(recipes)
    ids_before = found.ids.copy()
    scores = rated(found, np.array(train, bool))
    assert scores.shape == (len(recipes), len(found.terms)) and scores.dtype == np.float32
    for row, expected in enumerate(naive(recipes, train)):
        part = scores[row]
        given_scores = {found.terms[term]: score for term, score in zip(part.indices, part.data, strict=True)}
        assert given_scores == pytest.approx(expected, rel=1e-5)
    assert (found.ids == ids_before).all()


def test_other_partitions_do_not_count():
    train = np.array([True, True, False])
    alone = rated(occurrences([["salt", "egg"], ["salt"], ["egg", "new"]]), train)
    other = rated(occurrences([["salt", "egg"], ["salt"], ["egg", "salt", "salt", "new"]]), train)
    assert (alone[:2] != other[:2]).nnz == 0


def test_a_term_that_train_lacks_weighs_most():
    found = occurrences([["salt", "egg"], ["salt"], ["salt", "egg", "new"]])
    salt, egg, new = rated(found, np.array([True, True, False]))[2].toarray()[0]
    assert 0 < salt < egg < new
