import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from seje import files, params, paths
from seje.data.store import Photos
from seje.errors import SejeError
from seje.stages import images

SETTINGS = params.Images(per_recipe=2, size=16, quality=90)
CORPUS = params.Corpus(source="raw", max_ingredients=20, max_instructions=20, leaks="keep")
RECIPES = [  # id, partition, photos: g good, m missing, b broken
    ("00000000a0", "train", ["g000000001.jpg", "b000000002.jpg", "g000000003.jpg", "g000000004.jpg"]),
    ("00000000a1", "val", []),
    ("00000000a2", "val", ["m000000005.jpg"]),
    ("00000000a3", "test", ["g000000006.jpg", "m000000007.jpg"]),
]


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    schema = {"id": pa.string(), "partition": pa.string(), "photos": pa.list_(pa.string())}
    rows = [dict(zip(schema, recipe, strict=True)) for recipe in RECIPES]
    files.write_table(paths.Corpus.RECIPES, pa.Table.from_pylist(rows, pa.schema(schema)))
    generator = np.random.default_rng(0)
    for _, partition, photos in RECIPES:
        for photo in photos:
            path = Path("raw/images", partition, *photo[:4], photo)
            path.parent.mkdir(parents=True, exist_ok=True)
            if photo[0] == "g":
                Image.fromarray(generator.integers(0, 256, (20, 30, 3), np.uint8)).save(path)
            elif photo[0] == "b":
                path.write_bytes(b"broken")


def test_photos_in_order_and_counts_add_up(corpus):
    images.run(SETTINGS, CORPUS)
    store = Photos(paths.Images.PHOTOS)
    assert store.photos.tolist() == ["g000000001.jpg", "g000000003.jpg", "g000000006.jpg"]
    assert store.recipes.tolist() == [0, 0, 3]
    assert store.partitions.tolist() == ["train", "train", "test"]
    assert store.decode(0).shape == (16, 24, 3)
    rejected = files.read_table(paths.Images.REJECTED, "images").to_pylist()
    assert [(row["photo"], row["recipe"], row["reason"]) for row in rejected] == [
        ("b000000002.jpg", "00000000a0", "not an image"),
        ("m000000005.jpg", "00000000a2", "missing"),
        ("m000000007.jpg", "00000000a3", "missing"),
    ]
    metrics = json.loads(paths.metrics("images").read_text())
    assert metrics["photos"] == {"all": 3, "train": 2, "val": 0, "test": 1}
    assert metrics["recipes_with_photo"] == {"all": 2, "train": 1, "val": 0, "test": 1}
    assert metrics["rejected"] == {"all": 3, "reasons": {"missing": 2, "not an image": 1}}


def test_same_bytes_again(corpus):
    images.run(SETTINGS, CORPUS)
    first = [path.read_bytes() for path in (paths.Images.PHOTOS, paths.Images.REJECTED)]
    images.run(SETTINGS, CORPUS)
    assert first == [path.read_bytes() for path in (paths.Images.PHOTOS, paths.Images.REJECTED)]


def test_no_photo_at_all_says_where_it_looked(corpus):
    elsewhere = CORPUS.model_copy(update={"source": "elsewhere"})
    with pytest.raises(SejeError, match="elsewhere/images: none of the recipes' photos can be read"):
        images.run(SETTINGS, elsewhere)
    assert not paths.Images.PHOTOS.exists() and not paths.Images.REJECTED.exists()
