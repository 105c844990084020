"""Backbones by name: any classification model of torchvision, and `timm/NAME` any model of timm."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from seje.errors import SejeError
from seje.vision.backbones import Skippable, TorchBackbone
from seje.vision.weights import load_body, load_head, read_state

TIMM = "timm/"


def torch_backbone(name: str, weights: str, classes: int, crop: int) -> tuple[TorchBackbone, nn.Linear]:
    """Build a model and its head; `weights` is none, imagenet, or the path of a state dict."""
    if name.startswith(TIMM):
        model = _timm(name.removeprefix(TIMM), weights == "imagenet")
        made_for: Any = model.pretrained_cfg
        backbone = TorchBackbone(name, model, (made_for["mean"], made_for["std"]))
    else:
        backbone = TorchBackbone(name, _torchvision(name, weights == "imagenet"))
    head = nn.Linear(backbone.features, classes)
    if weights == "none":
        _begin_as_identity(backbone)
    elif weights != "imagenet":
        state = read_state(Path(weights))
        load_body(backbone.model, state, weights)
        load_head(head, state, f"{backbone.head}.")
    _try(backbone, name, crop)
    return backbone, head


def weights_of(backbone: TorchBackbone, head: nn.Linear) -> dict[str, Tensor]:
    """State dict of backbone and head under the model's own names."""
    state: dict[str, Tensor] = backbone.model.state_dict()
    return state | {f"{backbone.head}.{name}": tensor for name, tensor in head.state_dict().items()}


def _torchvision(name: str, pretrained: bool) -> nn.Module:
    from torchvision import models

    known = models.list_models(module=models)
    if name not in known:
        raise SejeError(
            f"categories.backbone: no torchvision model {name!r}; known are {', '.join(known)}, "
            f"{TIMM}NAME, or the path of an .onnx file"
        )
    try:
        model: nn.Module = models.get_model(name, weights="DEFAULT" if pretrained else None)
    except (OSError, RuntimeError) as error:
        raise _no_download(name, error) from None
    return model


def _timm(name: str, pretrained: bool) -> nn.Module:
    try:
        import timm
    except ImportError:
        raise SejeError(f"categories.backbone: {TIMM}{name} needs timm: pip install 'seje[timm]'") from None
    if not timm.is_model(name):
        raise SejeError(f"categories.backbone: no timm model {name!r}; timm.list_models() tells them all")
    try:
        model: nn.Module = timm.create_model(name, pretrained=pretrained)
    except Exception as error:  # the hub's client raises what its version of HTTP does
        raise _no_download(TIMM + name, error) from None
    return model


def _no_download(name: str, error: Exception) -> SejeError:
    reason = " ".join(str(error).split())[:160]
    return SejeError(
        f"categories.weights: ImageNet weights of {name} cannot be had ({reason}): connect to the "
        "network, or set categories.weights to none or to the path of a state dict"
    )


def _begin_as_identity(backbone: TorchBackbone) -> None:
    """From scratch, residual blocks that begin as the identity learn sooner.

    Where nothing but the block is between its ends, it can be left out until then (Net2DeeperNet, Chen et
    al., 2016): what the network computes does not change when it is taken in.
    """
    from torchvision.models.resnet import Bottleneck

    for name, block in list(backbone.model.named_modules()):
        if isinstance(block, Bottleneck):
            nn.init.zeros_(block.bn3.weight)
            if block.downsample is None:
                backbone.identities.append(Skippable(block))
                backbone.model.set_submodule(name, backbone.identities[-1])


def _try(backbone: TorchBackbone, name: str, crop: int) -> None:
    try:
        with torch.no_grad():
            shape = backbone.eval()(torch.zeros(2, 3, crop, crop)).shape
    except (RuntimeError, AssertionError, ValueError) as error:
        raise SejeError(
            f"categories.backbone: {name} takes no {crop}-pixel photos ({error}): images.size"
        ) from None
    if shape != (2, backbone.features):
        raise SejeError(f"categories.backbone: {name} does not end in a linear head: choose another model")
