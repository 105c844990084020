"""What the trained model says of itself decides; files that lie about do not."""

import numpy as np
import pytest
import torch

from seje.errors import SejeError
from seje.images.settings import ImagesSettings
from seje.model import stage
from seje.model.settings import ModelSettings
from seje.photos.store import store_writer
from seje.ranking.settings import RankingSettings
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


RANKING = RankingSettings(method="tfidf", window=2, damping=0.5, model=None, weighted_mean=True, words=0)
SIZES = {"embedding": 8, "linear": 0, "terms": 8, "words": 0, "labels": 8, "sentence": 0, "recipe": "lstm"}


def say(pixels):
    config = {"format": artefacts.FORMAT, "pixels": pixels, "text": "cached", "sizes": SIZES}
    files.write_weights(paths.Joint.MODEL, {"w": torch.zeros(1)}, config)


def test_a_cnn_that_an_older_run_left_is_not_used(photos):
    files.write_weights(paths.Joint.CNN, {"w": torch.zeros(1)}, {"backbone": "resnet18", "side": 32})
    say("cached")
    assert not artefacts.joint_photos().pixels.any()


def test_a_cnn_that_is_missing_is_told(photos):
    say("resnet18")
    assert artefacts.joint_photos().pixels.all()
    with pytest.raises(SejeError, match=r"cnn\.safetensors is missing: run `dvc repro joint`"):
        stage.run(
            ModelSettings(licence=None), RANKING, ImagesSettings(per_recipe=1, size=16, quality=90), "raw"
        )
    assert not paths.Model.FOLDER.exists()
