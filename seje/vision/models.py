"""Backbones by name: any classification model of torchvision, `timm/NAME` any of timm, EfficientNet-Lite
by `lite0` to `lite2`; and what photos these, and those that come ready, were made for.
"""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from seje.errors import SejeError
from seje.vision.backbones import MadeFor, Skippable, TorchBackbone, onnx_made_for
from seje.vision.lite import SIDES, how_to_install, is_lite, lite_made_for, load_imagenet, timm_name
from seje.vision.names import SENTENCE, TIMM, is_onnx, is_sentence
from seje.vision.sentence import sentence_made_for
from seje.vision.transforms import crop_side
from seje.vision.weights import load_body, load_head, read_state


class Sight(NamedTuple):
    """How a backbone sees a photo, in pixels."""

    side: int  # of the square that the photo becomes
    crop: int  # of what is cut out of the square


def sight(name: str, frozen: bool, stored: int) -> Sight:
    """Find how a backbone sees photos that are `stored` with a shorter side of so many pixels.

    A frozen one sees the whole square, at the side that it was made for; one that is trained, or takes any
    side, crops of 7/8.
    """
    own = made_for(name).side if frozen else None
    return Sight(own, own) if own else Sight(stored, crop_side(stored))


def made_for(name: str) -> MadeFor:
    """Look up the photos that a backbone was made for; raises SejeError where there is no such backbone."""
    if is_onnx(name):
        return onnx_made_for(Path(name))
    if is_sentence(name):
        return sentence_made_for(name)
    if is_lite(name):
        return lite_made_for(name)
    if name.startswith(TIMM):
        found = _timm(name).get_pretrained_cfg(name.removeprefix(TIMM))
        if found is None:
            raise SejeError(f"categories.backbone: timm has no weights under {name.removeprefix(TIMM)!r}")
        return MadeFor(found.input_size[-1], found.mean, found.std)
    seen = _torchvision(name).get_model_weights(name).DEFAULT.transforms()
    return MadeFor(seen.crop_size[0], tuple(seen.mean), tuple(seen.std))


def torch_backbone(name: str, weights: str, classes: int, crop: int) -> tuple[TorchBackbone, nn.Linear]:
    """Build a model and its head; `weights` is none, imagenet, or the path of a state dict."""
    backbone = TorchBackbone(name, _model(name, weights == "imagenet"), made_for(name))
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


def _model(name: str, pretrained: bool) -> nn.Module:
    if is_lite(name):
        model: nn.Module = _timm(name).create_model(timm_name(name))
        if pretrained:
            load_imagenet(name, model)
        return model
    try:
        if name.startswith(TIMM):
            model = _timm(name).create_model(name.removeprefix(TIMM), pretrained=pretrained)
        else:
            model = _torchvision(name).get_model(name, weights="DEFAULT" if pretrained else None)
    except SejeError:
        raise
    except Exception as error:  # the hub's client raises what its version of HTTP does
        raise _no_download(name, error) from None
    return model


def _torchvision(name: str) -> Any:
    """The package of torchvision's models, where it has this one."""
    from torchvision import models

    known = models.list_models(module=models)
    if name not in known:
        raise SejeError(
            f"categories.backbone: no torchvision model {name!r}; known are {', '.join(known)}, "
            f"{', '.join(SIDES)}, {TIMM}NAME, {SENTENCE}NAME, or the path of an .onnx file"
        )
    return models


def _timm(name: str) -> Any:
    """The package of timm, where it has this model."""
    try:
        import timm
    except ImportError:
        command = how_to_install(name) if is_lite(name) else "pip install 'seje[timm]'"
        raise SejeError(f"categories.backbone: {name} needs timm: {command}") from None
    own = timm_name(name) if is_lite(name) else name.removeprefix(TIMM)
    if not timm.is_model(own):
        raise SejeError(f"categories.backbone: no timm model {own!r}; timm.list_models() tells them all")
    return timm


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
