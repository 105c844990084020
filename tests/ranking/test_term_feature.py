import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from seje.ranking import term_feature
from seje.ranking.term_feature import weighted_features
from seje.text.vectors import WordVectors, term_table

WORDS = ["red", "wine", "salt", "red_wine"]
VECTORS = WordVectors(
    {word: row for row, word in enumerate(WORDS)},
    np.random.default_rng(1).normal(size=(len(WORDS), 3)).astype(np.float32),
)
TERMS = ["salt", "red_wine", "wine_salt", "unheard", "", "unheard_salt"]


def test_a_term_has_its_own_vector_or_that_of_its_words():
    table, known = term_table(VECTORS, TERMS)
    assert known.tolist() == [True, True, True, False, False, True]
    assert (table[1] == VECTORS.matrix[3]).all() and not table[~known].any()
    assert table[2] == pytest.approx(VECTORS.matrix[[1, 2]].mean(axis=0))


def naive(scores, table, known, weighted_mean):
    for row in scores:
        feature = np.zeros(table.shape[1])
        weight = 0.0
        for score, vector, has_vector in zip(row, table, known, strict=True):
            if has_vector:
                feature += score * vector
                weight += score
        if weighted_mean and weight:
            feature /= weight
        yield feature


@given(
    st.lists(st.lists(st.sampled_from([0, 0, 0.5, 3.25]), min_size=6, max_size=6), max_size=5),
    st.booleans(),
)
def test_features_are_those_of_a_loop(rows, weighted_mean):
    table, known = term_table(VECTORS, TERMS)
    scores = sp.csr_matrix(np.array(rows, np.float32).reshape(len(rows), 6))
    found = weighted_features(scores, table, known, weighted_mean)
    assert found.shape == (len(rows), 3) and found.dtype == np.float32
    for feature, expected in zip(found, naive(scores.toarray(), table, known, weighted_mean), strict=True):
        assert feature == pytest.approx(expected, abs=1e-5)


def test_blocks_of_rows_fit_together(monkeypatch):
    table, known = term_table(VECTORS, TERMS)
    scores = sp.random(7, 6, 0.5, format="csr", dtype=np.float32, random_state=1)
    whole = weighted_features(scores, table, known, True)
    monkeypatch.setattr(term_feature, "ROWS", 3)
    assert (weighted_features(scores, table, known, True) == whole).all()


def test_no_terms_at_all():
    table, known = term_table(VECTORS, [])
    found = weighted_features(sp.csr_matrix((2, 0), dtype=np.float32), table, known, True)
    assert found.tolist() == [[0, 0, 0]] * 2
