import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
import torch
from safetensors.torch import save_file

from seje.errors import SejeError
from seje.vision.backbones import OnnxBackbone
from seje.vision.classifier import build, rebuild
from seje.vision.models import Sight, made_for, sight, torch_backbone, weights_of
from seje.vision.transforms import DEVIATION, MEAN

WEIGHTS = Path(__file__).parents[3] / "shared/data/weights/mobilenet_v1_075_224.onnx"


def state(classes: int, seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    whole = weights_of(*torch_backbone("resnet18", "none", classes, 32))
    return {name: tensor.contiguous() for name, tensor in whole.items()}


@pytest.mark.parametrize(
    "name, features",
    [("resnet18", 512), ("mobilenet_v3_small", 1024), ("timm/resnet18", 512), ("timm/efficientnet_b0", 1280)],
)
def test_the_head_comes_off(name, features):
    backbone, head = torch_backbone(name, "none", 7, 32)
    assert backbone.features == head.in_features == features and head.out_features == 7
    assert backbone.eval()(torch.zeros(2, 3, 32, 32)).shape == (2, features)


@pytest.mark.parametrize("suffix", ["safetensors", "pt"])
def test_weights_from_a_file(tmp_path, suffix):
    path, stored = tmp_path / f"weights.{suffix}", state(3)
    save_file(stored, path) if suffix == "safetensors" else torch.save(stored, path)
    torch.manual_seed(9)
    loaded = weights_of(*torch_backbone("resnet18", str(path), 3, 32))
    assert loaded.keys() == stored.keys() and all(torch.equal(loaded[name], stored[name]) for name in stored)
    other = weights_of(*torch_backbone("resnet18", str(path), 4, 32))
    assert torch.equal(other["conv1.weight"], stored["conv1.weight"]) and other["fc.weight"].shape == (4, 512)


def test_names_are_torchvisions_own():
    import torchvision

    torchvision.models.resnet18(num_classes=5).load_state_dict(state(5))


@pytest.mark.parametrize(
    "name, weights, crop, message",
    [
        ("resnet19", "none", 32, "no torchvision model 'resnet19'"),
        ("fcn_resnet50", "none", 32, "no torchvision model"),
        ("squeezenet1_1", "none", 32, "no single linear head"),
        ("vit_b_32", "none", 63, "takes no 63-pixel photos"),
        ("resnet18", "nowhere.pt", 32, "nowhere.pt is neither"),
        ("timm/resnet19", "none", 32, "no timm model 'resnet19'"),
        ("timm/vit_tiny_patch16_224", "none", 32, "takes no 32-pixel photos"),
    ],
)
def test_a_backbone_that_cannot_be_had(name, weights, crop, message):
    with pytest.raises(SejeError, match=message):
        torch_backbone(name, weights, 2, crop)


def test_a_model_sees_photos_normalised_as_it_was_made_for():
    torch.manual_seed(0)
    backbone, _ = torch_backbone("timm/vit_tiny_patch16_224", "none", 2, 224)
    photos = torch.rand(2, 3, 224, 224)
    with torch.no_grad():
        theirs = backbone.model((photos - 0.5) / 0.5)
        ours = backbone((photos - torch.tensor(MEAN)[:, None, None]) / torch.tensor(DEVIATION)[:, None, None])
    assert torch.allclose(ours, theirs, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "timm/resnet18"])
def test_imagenet_weights_without_network(tmp_path, name):
    """In a process of its own, which finds neither a cache of weights nor a way out."""
    code = f"from seje.vision.models import torch_backbone; torch_backbone({name!r}, 'imagenet', 2, 32)"
    away = {"TORCH_HOME": str(tmp_path), "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    away |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"} | away
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("seje.errors.SejeError: categories.weights: ImageNet weights of " + name)
    assert "connect to the network, or set categories.weights to none" in last


def test_timm_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)  # what Python does where a package is not installed
    with pytest.raises(SejeError, match=r"pip install 'seje\[timm\]'"):
        torch_backbone("timm/resnet18", "none", 2, 32)


def test_weights_of_another_model(tmp_path):
    save_file({"conv1.weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(SejeError, match="is not of this backbone"):
        torch_backbone("resnet18", str(tmp_path / "other.safetensors"), 2, 32)


def test_a_pickle_is_not_run(tmp_path):
    torch.save({"conv1.weight": Path("anything")}, tmp_path / "odd.pt")
    with pytest.raises(SejeError, match="readable state dict"):
        torch_backbone("resnet18", str(tmp_path / "odd.pt"), 2, 32)


def test_not_an_onnx_file(tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"no network")
    for path in ("x.onnx", "nowhere.onnx"):
        with pytest.raises(SejeError, match="needs an ONNX file"):
            OnnxBackbone(tmp_path / path, 224)
        with pytest.raises(SejeError, match="needs an ONNX file"):
            made_for(str(tmp_path / path))


def onnx_file(path: Path, side: int | str) -> Path:
    """A network that gives the mean of each channel, for photos of a side, or of any where that is a name."""
    value = onnx.helper.make_tensor_value_info
    pixels = value("pixels", onnx.TensorProto.FLOAT, ["B", 3, side, side])
    pool = onnx.helper.make_node("GlobalAveragePool", ["pixels"], ["maps"])
    flat = onnx.helper.make_node("Flatten", ["maps"], ["features"])
    features = value("features", onnx.TensorProto.FLOAT, ["B", 3])
    graph = onnx.helper.make_graph([pool, flat], "means", [pixels], [features])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def test_a_frozen_backbone_sees_what_it_was_made_for(tmp_path):
    """That is in torchvision's and timm's own descriptions, and in the input of an ONNX file."""
    assert sight("efficientnet_v2_l", True, 56) == Sight(480, 480)
    assert sight("timm/vit_base_patch16_384", True, 56) == Sight(384, 384)
    assert sight("lite0", True, 56) == Sight(224, 224) and sight("lite2", True, 224) == Sight(260, 260)
    assert sight(str(onnx_file(tmp_path / "fixed.onnx", 96)), True, 56) == Sight(96, 96)
    assert sight(str(onnx_file(tmp_path / "any.onnx", "side")), True, 64) == Sight(64, 56)
    assert sight("efficientnet_v2_l", False, 64) == sight("lite0", False, 64) == Sight(64, 56)


@pytest.mark.parametrize("side", [96, "side"])
def test_an_onnx_file_of_another_side_than_224(tmp_path, side):
    backbone = OnnxBackbone(onnx_file(tmp_path / "means.onnx", side), 96)
    assert backbone.features == 3 and backbone(torch.ones(2, 3, 96, 96)).tolist() == [[1.0] * 3] * 2


def test_moments_are_the_models_own():
    half = ((0.5, 0.5, 0.5),) * 2
    assert made_for("efficientnet_v2_l")[1:] == made_for("timm/vit_tiny_patch16_224")[1:] == half
    assert made_for("wide_resnet50_2")[1:] == (MEAN, DEVIATION)


@pytest.mark.skipif(not WEIGHTS.exists(), reason="needs shared/data/weights beside the repository")
def test_onnx_features_do_not_depend_on_the_batch():
    backbone = OnnxBackbone(WEIGHTS, 224)
    pixels = torch.randn(3, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    together = backbone(pixels.contiguous(memory_format=torch.channels_last))
    assert together.shape == (3, backbone.features) == (3, 768)
    assert torch.allclose(together[1:2], backbone(pixels[1:2]), atol=1e-4)


def test_an_onnx_file_holds_its_own_weights():
    with pytest.raises(SejeError, match=r"imagenet is of no use to x\.onnx"):
        build("x.onnx", "imagenet", 2, 224, "32")


CONFIG = {"backbone": "resnet18", "classes": ["a", "b", "c"], "features": 512, "crop": 32, "precision": "32"}


def test_a_classifier_is_rebuilt_from_its_file():
    stored = state(3)
    again = rebuild(CONFIG, stored).weights()
    assert all(torch.equal(again[name].cpu(), stored[name]) for name in stored)


@pytest.mark.parametrize(
    "changes, classes, message",
    [
        ({"classes": ["a", "b"]}, 3, "its head is not of 2 classes"),
        ({"backbone": "resnet34"}, 3, "its weights are not named as those of resnet34"),
        ({"features": 768}, 3, "resnet18 gives 512 features, not 768"),
    ],
)
def test_a_classifier_whose_parts_are_not_of_one_another(changes, classes, message):
    with pytest.raises(SejeError, match=message):
        rebuild(CONFIG | changes, state(classes))


def test_a_config_that_lacks_a_key():
    with pytest.raises(SejeError, match="its config has no 'classes'"):
        rebuild({"backbone": "resnet18"}, state(3))


def test_a_block_left_out_gives_what_it_was_given_and_its_layers_can_be_replaced():
    """As `synchronised` does where several processes train."""
    backbone, _ = torch_backbone("resnet50", "none", 2, 32)
    block, maps = backbone.identities[0], torch.randn(2, 256, 4, 4).relu()
    torch.nn.init.ones_(block.bn3.weight)
    assert not torch.equal(block(maps), maps)
    backbone.skip_identities(True)
    assert torch.equal(block(maps), maps)
    backbone.skip_identities(False)
    backbone.model.set_submodule("layer1.1.bn3", torch.nn.Identity())
    backbone.model.set_submodule("layer1.1.conv3", torch.nn.Conv2d(64, 256, 1, bias=False))
    torch.nn.init.zeros_(block.conv3.weight)
    assert torch.equal(block(maps), maps)
