"""What the trained model says of itself decides; files that lie about do not."""

import numpy as np
import pytest
import torch

from seje.errors import SejeError
from seje.photos.store import store_writer
from seje.workspace import artefacts, files, paths


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Three photos, whose cached pixel features are 0 and those of a CNN trained along 1."""
    monkeypatch.chdir(tmp_path)
    with files.atomic(paths.Images.PHOTOS) as part, store_writer(part, 16) as keep:
        for row in range(3):
            keep({"photo": f"{row}.jpg", "recipe": row, "partition": "train", "jpeg": b""})
    files.write_array(paths.Categories.PIXELS, np.zeros((3, 1, 2), np.float16))
    files.write_array(paths.Categories.EMBEDDINGS, np.zeros((3, 2), np.float32))
    files.write_array(paths.Joint.PIXELS, np.ones((3, 1, 2), np.float16))


def say(pixels):
    files.write_weights(paths.Joint.MODEL, {}, {"format": artefacts.FORMAT, "pixels": pixels})


def test_a_cnn_that_an_older_run_left_is_not_used(photos):
    files.write_weights(paths.Joint.CNN, {"w": torch.zeros(1)}, {"backbone": "resnet18", "side": 32})
    say("cached")
    assert artefacts.joint_cnn() is None
    assert not artefacts.joint_photos().pixels.any()


def test_a_cnn_that_is_missing_is_told(photos):
    say("resnet18")
    assert artefacts.joint_photos().pixels.all()
    with pytest.raises(SejeError, match=r"cnn\.json is missing: run `dvc repro joint`"):
        artefacts.joint_cnn()
