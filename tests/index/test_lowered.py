"""An index of lowered vectors finds what the formula says, whatever searches it, and tells cosines."""

import numpy as np
import pytest

from seje.index.faiss_index import Index, exact
from seje.index.lowered import Lowered, LoweredVectors, asked
from seje.index.milvus import Milvus

COUNT, WIDTH = 2000, 32


def unit(count, seed):
    vectors = np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def sides():
    offsets = 0.2 * np.random.default_rng(2).normal(size=COUNT).astype(np.float32)
    return unit(COUNT, 0), offsets, unit(20, 1)


def built(kind, vectors, offsets, queries, folder):
    lowered = LoweredVectors(vectors, offsets)
    if kind == "milvus":
        return Milvus.build(str(folder / "milvus.db"), "seje_recipes", "a", lowered)
    index = Index.build(lowered, kind)
    assert index.widen(asked(queries), lowered, aim=0.99) >= 0.99
    return index


def formula(queries, vectors, offsets, k):
    return np.argsort(-(queries @ vectors.T - offsets), axis=1, kind="stable")[:, :k]


def test_exact_search_of_lowered_vectors_is_the_formula(sides, monkeypatch):
    monkeypatch.setattr("seje.index.faiss_index.BLOCK", 300)
    vectors, offsets, queries = sides
    _, rows = exact(asked(queries), LoweredVectors(vectors, offsets), 10)
    np.testing.assert_array_equal(rows, formula(queries, vectors, offsets, 10))


@pytest.mark.parametrize("kind", ["flat", "rabitq", "milvus"])
def test_whatever_searches_finds_what_the_formula_does_and_tells_cosines(sides, kind, tmp_path):
    vectors, offsets, queries = sides
    index = Lowered(built(kind, vectors, offsets, queries, tmp_path), offsets)
    cosines, rows = index.search(queries, 10)
    expected = formula(queries, vectors, offsets, 10)
    assert np.mean([len(set(one) & set(other)) for one, other in zip(rows, expected, strict=True)]) >= 9.8
    told = np.einsum("qe,qke->qk", queries, vectors[rows])
    np.testing.assert_allclose(cosines, told, atol=1e-3)
    assert (np.diff(cosines, axis=1) > 0).any()  # they need not fall
    assert len(index) == COUNT


@pytest.mark.parametrize("kind", ["flat", "rabitq"])
def test_among_the_rows_that_are_allowed(sides, kind, tmp_path):
    vectors, offsets, queries = sides
    allowed = np.arange(COUNT) % 7 == 0
    index = Lowered(built(kind, vectors, offsets, queries, tmp_path), offsets)
    cosines, rows = index.search_among(queries[0], 10, allowed)
    among = np.flatnonzero(allowed)
    expected = among[formula(queries[:1], vectors[among], offsets[among], 10)[0]]
    assert len(set(rows) & set(expected)) >= 9 and allowed[rows].all()
    np.testing.assert_allclose(cosines, vectors[rows] @ queries[0], atol=1e-3)


def test_nothing_indexed_is_nothing_found():
    index = Lowered(Index.build(LoweredVectors(unit(0, 0), np.zeros(0, np.float32)), "flat"), np.zeros(0))
    assert index.search(unit(2, 1), 5)[1].shape == (2, 0)
