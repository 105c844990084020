"""A backbone of `categories` that is trained along with the towers, in place of cached pixel features.

B batch, S side of a square, F pixel feature, N photos.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from seje.errors import SejeError
from seje.towers.features import Rows
from seje.towers.finite import need_finite
from seje.vision.backbones import TorchBackbone
from seje.vision.classifier import BATCH, batches, chunks
from seje.vision.description import LARGEST
from seje.vision.models import torch_backbone
from seje.vision.names import FEATURES, is_ready
from seje.vision.transforms import Squares, augment, centre, crop_side
from seje.vision.weights import load_body


class Cnn(nn.Module):
    """Gives the pixel features of photos, as squares of `side` pixels."""

    def __init__(self, backbone: TorchBackbone, side: int) -> None:
        super().__init__()
        self.backbone, self.side = backbone, side
        self.features = backbone.features

    def forward(self, squares: Tensor, augmented: bool) -> Tensor:
        """Features [B, F] of squares [B, 3, S, S], uint8: of a random crop, or of the centre."""
        squares = squares.to(self.backbone.scale.device)  # a fourth of the bytes that crops in float32 are
        features: Tensor = self.backbone((augment if augmented else centre)(squares, crop_side(self.side)))
        return features

    @torch.no_grad()
    def describe(self, squares: Squares, rows: Rows) -> Iterator[npt.NDArray[np.float16]]:
        """Features [B, 1, F] of the centres of some photos, batch by batch, in order.

        Raises SejeError where one is not finite.
        """
        self.eval()
        parts = chunks(rows, BATCH)
        for part, photos in zip(parts, batches(squares, parts), strict=True):
            features = self(photos, augmented=False).float().cpu().numpy()
            need_finite(features, part, "features of photos by the CNN")
            yield features.clip(-LARGEST, LARGEST).astype(np.float16)[:, None]


def start(name: str, side: int, classifier: dict[str, Any], weights: dict[str, Tensor]) -> Cnn:
    """Begin with the classifier's weights where it has the same backbone, else with those for ImageNet.

    Args:
        name: a backbone as `categories.backbone` names it, but no ONNX file or st/NAME: these stay.
        side: of the squares, in pixels.
        classifier: its config.
        weights: its state dict.
    """
    if is_ready(name):
        raise SejeError(f"joint.pixels: {name} cannot be trained: choose cached, or a model by its name")
    if classifier["backbone"] == FEATURES:
        raise SejeError(
            f"joint.pixels: {name} sees photos, categories.features are vectors: set joint.pixels to cached"
        )
    if name != classifier["backbone"]:
        return Cnn(torch_backbone(name, "imagenet", 1, crop_side(side))[0], side)
    return rebuild(name, side, weights)


def rebuild(name: str, side: int, weights: dict[str, Tensor]) -> Cnn:
    """Make a trained one of its backbone's name, its side and the weights of its backbone."""
    backbone, _ = torch_backbone(name, "none", 1, crop_side(side))
    load_body(backbone.model, weights, "the file")
    return Cnn(backbone, side)
