"""Vectors with ids as Parquet: what is written is read, and what is no such table is told."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seje.data.vector_table import read_vectors, vector_writer


def test_what_is_written_is_read_a_row_group_for_each_batch(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    with vector_writer(tmp_path / "v.parquet", 3) as append:
        append(["a", "b"], vectors[:2])
        append([f"{row}" for row in range(5)], vectors[2:])
    file = pq.ParquetFile(tmp_path / "v.parquet")
    assert file.num_row_groups == 2 and file.schema_arrow.field("vector").type == pa.list_(pa.float32(), 3)
    ids, found = read_vectors(tmp_path / "v.parquet")
    assert ids == ["a", "b", "0", "1", "2", "3", "4"] and found.dtype == np.float32
    np.testing.assert_array_equal(found, vectors)


def test_lists_of_others_are_read_too(tmp_path):
    table = {
        "id": [1, 2],
        "vector": pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float64())),
        "more": [0, 0],
    }
    pq.write_table(pa.table(table), tmp_path / "v.parquet")
    ids, found = read_vectors(tmp_path / "v.parquet")
    assert ids == ["1", "2"] and found.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"id": ["a"]}, "needs the columns id and vector"),
        ({"id": ["a"], "vector": ["b"]}, "not a list of numbers"),
        ({"id": ["a"], "vector": [["b"]]}, "not a list of numbers"),
        ({"id": ["a", "b"], "vector": [[1.0], [1.0, 2.0, 3.0]]}, "not as long as others"),
        ({"id": ["a", "b"], "vector": [[1.0], None]}, "a vector is missing"),
        ({"id": ["a", "b"], "vector": [[1.0], [None]]}, "a vector is missing"),
        ({"id": ["a", None], "vector": [[1.0], [2.0]]}, "an id is missing"),
        (
            {"id": pa.array([], pa.string()), "vector": pa.array([], pa.list_(pa.float32()))},
            "holds no vector",
        ),
    ],
)
def test_what_is_no_table_of_vectors_is_told(tmp_path, table, told):
    pq.write_table(pa.table(table), tmp_path / "v.parquet")
    with pytest.raises(ValueError, match=told):
        read_vectors(tmp_path / "v.parquet")
