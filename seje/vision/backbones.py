"""Networks that turn photos into features: torchvision's classification models, timm's, or an ONNX file.

B batch, C side of a crop, F features before the head. All take photos normalised as ImageNet's: a network
that was made for others goes on from there.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from seje.errors import SejeError
from seje.vision.convolution import with_tiny_maps
from seje.vision.transforms import DEVIATION, MEAN


class MadeFor(NamedTuple):
    """The photos that a network was made for."""

    side: int | None  # in pixels; None: of any size
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


class Backbone(Protocol):
    """Gives the features [B, F] of normalised photos [B, 3, C, C]."""

    features: int

    def __call__(self, pixels: Tensor) -> Tensor:
        """Features of a batch."""


class TorchBackbone(nn.Module):
    """A classification model whose last linear layer, the head, was taken off."""

    def __init__(self, name: str, model: nn.Module, made_for: MadeFor) -> None:
        super().__init__()
        layers = [(path, layer) for path, layer in model.named_modules() if isinstance(layer, nn.Linear)]
        if not layers or getattr(model, "aux_logits", False):
            raise SejeError(f"categories.backbone: {name} has no single linear head: choose another model")
        self.head, layer = layers[-1]
        self.features = layer.in_features
        model.set_submodule(self.head, nn.Identity())
        self.model = with_tiny_maps(model).to(memory_format=torch.channels_last)
        self.identities: list[Skippable] = []  # residual blocks that begin as the identity
        mean, deviation = torch.tensor([MEAN, DEVIATION])[:, :, None, None]
        own_mean, own_deviation = torch.tensor([made_for.mean, made_for.deviation])[:, :, None, None]
        self.scale: Tensor
        self.shift: Tensor
        self.register_buffer("scale", deviation / own_deviation, persistent=False)
        self.register_buffer("shift", (mean - own_mean) / own_deviation, persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Features of a batch."""
        features: Tensor = self.model(pixels * self.scale + self.shift)
        return features

    def skip_identities(self, skipped: bool) -> None:
        """Leave the blocks out that begin as the identity, or take them in again."""
        for block in self.identities:
            block.skipped = skipped


class Skippable(nn.Module):
    """A residual block that can be left out; its layers keep their names in the model.

    They are its own, and so may be replaced; the block's class knows how they are put together.
    """

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self._through: Callable[[nn.Module, Tensor], Tensor] = type(block).forward
        self.downsample = None
        for name, layer in block.named_children():
            self.add_module(name, layer)
        self.skipped = False

    def forward(self, maps: Tensor) -> Tensor:
        """Maps as the block gives them, or as they came."""
        return maps if self.skipped else self._through(self, maps)


class OnnxBackbone:
    """A frozen feature extractor: input `pixels` [B, 3, C, C], output `features` [B, F], both float32."""

    def __init__(self, path: Path, crop: int) -> None:
        self._session = _session(path)
        try:
            self.features = self(torch.zeros(1, 3, crop, crop)).shape[1]
        except Exception as error:  # onnxruntime's exceptions have no common class of their own
            raise _not_onnx(path, error) from None

    def __call__(self, pixels: Tensor) -> Tensor:
        """Features of a batch."""
        (features,) = self._session.run(["features"], {"pixels": pixels.contiguous().cpu().numpy()})
        return torch.from_numpy(features)


def onnx_made_for(path: Path) -> MadeFor:
    """Photos normalised as ImageNet's, of the side that the file's input has, where it is fixed."""
    side = _session(path).get_inputs()[0].shape[-1]
    return MadeFor(side if isinstance(side, int) else None, MEAN, DEVIATION)


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    except Exception as error:  # no common class, as above
        raise _not_onnx(path, error) from None


def _not_onnx(path: Path, error: Exception) -> SejeError:
    return SejeError(
        f"categories.backbone: {path}: needs an ONNX file with the input pixels [batch, 3, side, side] "
        f"and the output features [batch, F] ({' '.join(str(error).split())[:160]})"
    )
