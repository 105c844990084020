import json

import numpy as np
import pytest

from seje.data.vector_table import vector_writer
from seje.errors import SejeError
from seje.vision.own_features import read_features, read_query

VECTORS = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
IDS = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


def folder(place, vectors=VECTORS, ids=IDS):
    place.mkdir()
    np.save(place / "mine.npy", vectors)
    (place / "mine.json").write_text(json.dumps(ids))
    return place


def table(path, vectors=VECTORS[:, 0], ids=IDS):
    with vector_writer(path, vectors.shape[1]) as append:
        append(ids, vectors)
    return path


def test_vectors_are_found_by_their_ids_and_rows_that_no_photo_needs_are_left(tmp_path):
    found = read_features(folder(tmp_path / "x"))
    assert (found.views, found.features) == (2, 3)
    held = found.of(["d.jpg", "a.jpg", "d.jpg"])
    assert len(held) == 3
    np.testing.assert_array_equal(held.batch([0, 1]), VECTORS[[3, 0]])
    assert held.batch([2]).dtype == np.float32


@pytest.mark.parametrize("kind", ["float16", "float64", "uint8"])
def test_one_view_and_other_kinds_of_numbers(tmp_path, kind):
    found = read_features(folder(tmp_path / "x", VECTORS[:, 0].astype(kind)))
    assert found.views == 1
    np.testing.assert_array_equal(found.of(IDS).batch([1]), VECTORS[[1], :1])


def test_parquet(tmp_path):
    found = read_features(table(tmp_path / "mine.parquet"))
    np.testing.assert_array_equal(found.of(["b.jpg"]).batch([0]), VECTORS[[1], :1])


def test_photos_without_a_vector_are_counted_and_the_first_is_named(tmp_path):
    found = read_features(folder(tmp_path / "x"))
    told = "2 of 3 photos have no vector, as e.jpg; the ids there are such as a.jpg"
    with pytest.raises(SejeError, match=told):
        found.of(["a.jpg", "e.jpg", "f.jpg"])


def test_vectors_that_are_not_finite_are_refused_where_a_photo_needs_them(tmp_path, monkeypatch):
    monkeypatch.setattr("seje.vision.own_features.CHECKED", 2)
    spoilt = VECTORS.copy()
    spoilt[2, 1, 0], spoilt[3, 0, 0] = np.nan, np.inf
    found = read_features(folder(tmp_path / "x", spoilt))
    assert len(found.of(["a.jpg", "b.jpg"])) == 2
    with pytest.raises(SejeError, match="vectors of 2 of 4 photos are not finite numbers, as c.jpg"):
        found.of(IDS)


@pytest.mark.parametrize("make", [folder, table])
def test_an_id_that_is_there_twice_is_refused(tmp_path, make):
    path = make(tmp_path / "x.parquet", ids=["a.jpg", "b.jpg", "a.jpg", "a.jpg"])
    with pytest.raises(SejeError, match="2 ids are there more than once, as a.jpg"):
        read_features(path)


@pytest.mark.parametrize(
    ("vectors", "ids", "told"),
    [
        (VECTORS, IDS[:3], "4 vectors and 3 ids"),
        (VECTORS, {"a.jpg": 0}, "the ids are no JSON array of strings"),
        (VECTORS, [1, 2, 3, 4], "the ids are no JSON array of strings"),
        (VECTORS[0, 0], IDS, r"an array float32 \[3\]"),
        (VECTORS[:0], [], r"an array float32 \[0, 2, 3\]"),
        (VECTORS.astype(str), IDS, "an array <U"),
        (np.array([[1.0], [1.0, 2.0]], dtype=object), IDS[:2], "Python objects"),  # ragged
    ],
)
def test_what_is_no_array_of_features_is_refused(tmp_path, vectors, ids, told):
    with pytest.raises(SejeError, match=told) as error:
        read_features(folder(tmp_path / "x", vectors, ids))
    assert str(error.value).startswith(f"categories.features: {tmp_path / 'x'}: needs a .parquet with")


def test_ragged_vectors_of_a_table_are_refused(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pa.table({"id": ["a.jpg", "b.jpg"], "vector": [[1.0, 2.0], [3.0]]})
    pq.write_table(rows, tmp_path / "x.parquet")
    with pytest.raises(SejeError, match="not as long as others"):
        read_features(tmp_path / "x.parquet")


def test_what_is_no_place_of_features_is_refused(tmp_path):
    for name in ("nowhere.parquet", "nowhere"):
        with pytest.raises(SejeError, match="needs a .parquet"):
            read_features(tmp_path / name)
    place = folder(tmp_path / "x")
    with pytest.raises(SejeError, match="or a folder with NAME.npy"):
        read_features(place / "mine.npy")
    np.save(place / "more.npy", VECTORS)
    with pytest.raises(SejeError, match="there are 2 .npy files"):
        read_features(place)


def test_a_query_is_the_features_of_one_photo(tmp_path):
    for shape, given in (((1, 1, 3), VECTORS[0, 0]), ((1, 2, 3), VECTORS[0])):
        np.save(tmp_path / "one.npy", given)
        assert read_query(tmp_path / "one.npy").shape == shape
    for bad in (VECTORS, np.float32(1)[None][:0], np.array(["a"])):
        np.save(tmp_path / "bad.npy", bad)
        with pytest.raises(SejeError, match=r"needs the features of one photo, a .npy \[F\]"):
            read_query(tmp_path / "bad.npy")
    np.save(tmp_path / "bad.npy", [1.0, np.nan])
    with pytest.raises(SejeError, match="not finite"):
        read_query(tmp_path / "bad.npy")
    with pytest.raises(SejeError, match="No such file"):
        read_query(tmp_path / "nowhere.npy")
