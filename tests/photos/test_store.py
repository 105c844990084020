import numpy as np
import pytest
from PIL import Image

from seje.errors import SejeError
from seje.photos.decoding import decode, encode
from seje.photos.store import ROWS_PER_BATCH, Photos, store_writer

COUNT = 2 * ROWS_PER_BATCH + 7


def jpeg(number: int) -> bytes:
    return encode(Image.fromarray(np.random.default_rng(number).integers(0, 256, (4, 6, 3), np.uint8)), 90)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "images.arrow"
    with store_writer(path, 4) as keep:
        for number in range(COUNT):
            row = {"photo": f"{number:010x}.jpg", "recipe": number // 2, "partition": "val"}
            keep(row | {"jpeg": jpeg(number)})
    return path


def test_reads_back_what_was_written(path):
    store = Photos(path)
    assert len(store) == COUNT and store.size == 4
    assert store.photos.tolist() == [f"{number:010x}.jpg" for number in range(COUNT)]
    assert store.recipes.dtype == np.int32 and (store.recipes == np.arange(COUNT) // 2).all()
    assert set(store.partitions.tolist()) == {"val"}
    for row in (0, 1, ROWS_PER_BATCH - 1, ROWS_PER_BATCH, 2 * ROWS_PER_BATCH, COUNT - 1):
        assert bytes(store.jpeg(row)) == jpeg(row)
        assert (store.decode(row) == decode(jpeg(row))).all()


@pytest.mark.parametrize("row", [-1, COUNT])
def test_a_row_that_is_not_there(path, row):
    with pytest.raises(IndexError):
        Photos(path).jpeg(row)


def test_an_empty_store(tmp_path):
    with store_writer(tmp_path / "none.arrow", 4):
        pass
    store = Photos(tmp_path / "none.arrow")
    assert len(store) == len(store.photos) == len(store.recipes) == len(store.partitions) == 0


def test_same_rows_same_bytes(path, tmp_path):
    store = Photos(path)
    with store_writer(tmp_path / "again.arrow", 4) as keep:
        for row in range(len(store)):
            fields = {"photo": store.photos[row], "recipe": store.recipes[row], "partition": "val"}
            keep(fields | {"jpeg": bytes(store.jpeg(row))})
    assert (tmp_path / "again.arrow").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"something else"])
def test_not_a_store(tmp_path, content):
    (tmp_path / "images.arrow").write_bytes(content)
    with pytest.raises(SejeError, match="not a photo store"):
        Photos(tmp_path / "images.arrow")
