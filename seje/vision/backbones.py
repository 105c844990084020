"""Networks that turn photos into features: any torchvision classification model, or an ONNX file.

B batch, C side of a crop, F features before the head.
"""

from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from seje.errors import SejeError

ONNX_SIDE = 224


class Backbone(Protocol):
    """Gives the features [B, F] of normalised photos [B, 3, C, C]."""

    features: int

    def __call__(self, pixels: Tensor) -> Tensor:
        """Features of a batch."""


class TorchBackbone(nn.Module):
    """A torchvision model whose last linear layer, the head, was taken off."""

    def __init__(self, name: str, model: nn.Module) -> None:
        super().__init__()
        layers = [(path, layer) for path, layer in model.named_modules() if isinstance(layer, nn.Linear)]
        if not layers or getattr(model, "aux_logits", False):
            raise SejeError(f"categories.backbone: {name} has no single linear head: choose another model")
        self.head, layer = layers[-1]
        self.features = layer.in_features
        model.set_submodule(self.head, nn.Identity())
        self.model = model.to(memory_format=torch.channels_last)

    def forward(self, pixels: Tensor) -> Tensor:
        """Features of a batch."""
        features: Tensor = self.model(pixels)
        return features


class OnnxBackbone:
    """A frozen feature extractor: input `pixels` [B, 3, 224, 224], output `features` [B, F], both float32."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
            self.features = self(torch.zeros(1, 3, ONNX_SIDE, ONNX_SIDE)).shape[1]
        except Exception as error:  # onnxruntime's exceptions have no common class of their own
            raise SejeError(
                f"categories.backbone: {path}: needs an ONNX file with the input pixels [batch, 3, 224, 224] "
                f"and the output features [batch, F] ({' '.join(str(error).split())[:160]})"
            ) from None

    def __call__(self, pixels: Tensor) -> Tensor:
        """Features of a batch."""
        (features,) = self._session.run(["features"], {"pixels": pixels.contiguous().cpu().numpy()})
        return torch.from_numpy(features)


def is_onnx(backbone: str) -> bool:
    """Whether a backbone is a file for onnxruntime."""
    return backbone.endswith(".onnx")


def torch_backbone(name: str, weights: str, classes: int, crop: int) -> tuple[TorchBackbone, nn.Linear]:
    """Build a torchvision model and its head; `weights` is none, imagenet, or the path of a state dict."""
    import torchvision

    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        raise SejeError(f"categories.backbone: no torchvision model {name!r}; known are {', '.join(known)}")
    backbone = TorchBackbone(name, _model(torchvision, name, weights))
    head = nn.Linear(backbone.features, classes)
    if weights not in {"none", "imagenet"}:
        load_weights(backbone, head, _read(Path(weights)), weights)
    _try(backbone, name, crop)
    return backbone, head


def load_weights(backbone: TorchBackbone, head: nn.Linear, state: dict[str, Any], source: str) -> None:
    """Take over weights under torchvision's names; those of a head that does not fit are left out."""
    own = backbone.model.state_dict()
    wrong = [name for name in own if name not in state or state[name].shape != own[name].shape]
    if wrong:
        raise SejeError(
            f"categories.weights: {source} is not of this backbone: {len(wrong)} of {len(own)} tensors are "
            f"missing or of another shape, as {wrong[0]}; set categories.backbone to the model it was made by"
        )
    backbone.model.load_state_dict({name: state[name] for name in own})
    given = {name: state.get(f"{backbone.head}.{name}") for name in head.state_dict()}
    if all(
        tensor is not None and tensor.shape == getattr(head, name).shape for name, tensor in given.items()
    ):
        head.load_state_dict(given)


def weights_of(backbone: TorchBackbone, head: nn.Linear) -> dict[str, Tensor]:
    """State dict of backbone and head under torchvision's names."""
    state: dict[str, Tensor] = backbone.model.state_dict()
    return state | {f"{backbone.head}.{name}": tensor for name, tensor in head.state_dict().items()}


def _model(torchvision: Any, name: str, weights: str) -> nn.Module:
    try:
        model: nn.Module = torchvision.models.get_model(
            name, weights="DEFAULT" if weights == "imagenet" else None
        )
    except (OSError, RuntimeError) as error:
        raise SejeError(
            f"categories.weights: ImageNet weights of {name} cannot be downloaded ({error}): connect to the "
            "network, or set categories.weights to none or to the path of a state dict"
        ) from None
    for block in model.modules():
        if weights == "none" and isinstance(block, torchvision.models.resnet.Bottleneck):
            # From scratch, residual blocks that begin as the identity learn sooner.
            nn.init.zeros_(block.bn3.weight)
    return model


def _read(path: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the two readers raise a dozen kinds between them
        reason = " ".join(str(error).split())[:160]
        raise SejeError(
            f"categories.weights: {path} is neither none, imagenet nor a readable state dict ({reason})"
        ) from None
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise SejeError(f"categories.weights: {path} is not a plain state dict (names and tensors)")
    return state


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
