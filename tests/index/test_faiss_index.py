import numpy as np
import pytest

from seje.errors import SejeError
from seje.index.faiss_index import Index, choose, exact, recall
from seje.index.milvus import Milvus


def unit(count, width=32, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def naive(query, vectors, k):
    scores = sorted(
        ((float(np.dot(query, vector)), -row) for row, vector in enumerate(vectors)), reverse=True
    )
    return [(score, -row) for score, row in scores[:k]]


def test_exact_search_is_the_naive_one(monkeypatch):
    monkeypatch.setattr("seje.index.faiss_index.BLOCK", 7)
    queries, vectors = unit(5, seed=1), unit(40)
    scores, rows = exact(queries, vectors, 6)
    for query, best, found in zip(queries, scores, rows, strict=True):
        expected = naive(query, vectors, 6)
        assert found.tolist() == [row for _, row in expected]
        assert best.tolist() == pytest.approx([score for score, _ in expected], abs=1e-6)


@pytest.mark.parametrize("kind", ["flat", "rabitq"])
def test_an_index_finds_what_is_nearest_and_so_does_its_file(tmp_path, kind):
    vectors, queries = unit(3000), unit(50, seed=1)
    index = Index.build(vectors, kind)
    reached = index.widen(queries, vectors, 0.95)
    assert reached >= 0.95
    assert reached == recall(index, queries, vectors, exact(queries, vectors, 10)[0])
    index.save(tmp_path / "index")
    again = Index.load(tmp_path / "index")
    assert len(again) == 3000
    for one, other in zip(index.search(queries, 5), again.search(queries, 5), strict=True):
        np.testing.assert_array_equal(one, other)
    scores, rows = again.search(vectors[:20], 1)
    np.testing.assert_array_equal(rows[:, 0], np.arange(20))
    np.testing.assert_allclose(scores[:, 0], 1, atol=0.02)


def test_a_narrow_search_is_widened():
    vectors, queries = unit(4000), unit(50, seed=1)
    index = Index.build(vectors, "rabitq")
    best = exact(queries, vectors, 10)[0]
    assert recall(index, queries, vectors, best) < 0.9  # by one bit of each number
    assert index.widen(queries, vectors, 0.95) >= 0.95


@pytest.mark.parametrize("kind", ["flat", "rabitq"])
def test_an_aim_beyond_reach_ends_in_an_index_that_can_be_read(tmp_path, kind):
    vectors = unit(2000)
    index = Index.build(vectors, kind)
    assert index.widen(unit(5, seed=1), vectors, aim=2) <= 1
    index.save(tmp_path / "index")
    assert len(Index.load(tmp_path / "index")) == 2000


def test_recall_counts_what_is_missed_and_takes_equal_vectors_as_equal():
    vectors = np.repeat(unit(4), 3, axis=0)
    best = exact(vectors[:1], vectors, 2)[0]

    class Finds:
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(vectors)

        def search(self, queries, k):
            return np.zeros((1, k), np.float32), np.array([self.rows])

    assert recall(Finds([1, 2]), vectors[:1], vectors, best) == 1
    assert recall(Finds([1, 5]), vectors[:1], vectors, best) == 0.5
    assert recall(Finds([-1, -1]), vectors[:1], vectors, best) == 0


@pytest.mark.parametrize("kind", ["flat", "rabitq"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_vectors_or_none(kind, count):
    index = Index.build(unit(count), kind)
    scores, rows = index.search(unit(2, seed=1), 10)
    assert scores.shape == rows.shape == (2, count)
    assert len(index.search_among(unit(1, seed=1)[0], 10, np.ones(count, bool))[1]) == count


@pytest.mark.parametrize("kind", ["flat", "rabitq", "milvus"])
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 1])
def test_the_nearest_of_the_rows_that_are_allowed(tmp_path, kind, share):
    vectors, (query,) = unit(2000), unit(1, seed=1)
    allowed = np.arange(2000) % 1000 < 1000 * share
    index = (
        Milvus.build(str(tmp_path / "milvus.db"), "seje_recipes", "a", vectors)
        if kind == "milvus"
        else Index.build(vectors, kind)
    )
    if kind != "milvus":
        index.widen(query[None], vectors, aim=2)
    scores, rows = index.search_among(query, 30, allowed)
    best, places = exact(query[None], vectors[allowed], 30)
    assert len(set(rows)) == len(places[0]) and allowed[rows].all()
    np.testing.assert_allclose(scores, best[0], atol=2e-3)


def test_auto_is_flat_until_there_are_many():
    assert [choose("auto", count) for count in (0, 200_000, 200_001)] == ["flat", "flat", "rabitq"]
    assert choose("rabitq", 3) == "rabitq"


def test_milvus_finds_the_same(tmp_path):
    vectors, queries = unit(1500), unit(20, seed=1)
    uri = str(tmp_path / "milvus.db")
    Milvus.build(uri, "seje_recipes", "a", unit(5)).close()
    built = Milvus.build(uri, "seje_recipes", "b", vectors)
    built.close()
    again = Milvus(uri, "seje_recipes", "b")
    assert len(again) == 1500
    scores, rows = again.search(queries, 10)
    expected = exact(queries, vectors, 10)
    np.testing.assert_array_equal(rows, expected[1])
    np.testing.assert_allclose(scores, expected[0], atol=1e-5)
    with pytest.raises(SejeError, match="holds no seje_photos: run `dvc repro index`"):
        Milvus(uri, "seje_photos", "b")
    with pytest.raises(SejeError, match="holds other seje_recipes than those of the index: run `dvc repro"):
        Milvus(uri, "seje_recipes", "a")
    again.close()
