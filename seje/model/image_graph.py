"""The whole way from a square photo to its embedding as one module of plain operations, for ONNX.

B batch, S side of a square, V views, C side of a crop, F features, K classes, D word vector, E embedding.
"""

import copy

import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from seje.errors import SejeError
from seje.joint.cnn import Cnn
from seje.model.photo_encoder import Describer
from seje.towers.features import PhotoBatch
from seje.towers.joint_model import JointModel
from seje.vision.backbones import TorchBackbone
from seje.vision.classifier import TOLD_BY
from seje.vision.convolution import TinyConv2d, remade
from seje.vision.description import LARGEST
from seje.vision.transforms import DEVIATION, MEAN, PARTS, crop_side


class Views(nn.Module):
    """Squares [B, S, S, 3] of uint8 to the first `views` normalised crops of each, [V B, 3, C, C]."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, views: int, crop: int) -> None:
        super().__init__()
        self.views, self.crop = views, crop
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None])
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None])

    def forward(self, photos: Tensor) -> Tensor:
        """Crops, view by view."""
        squares = photos.permute(0, 3, 1, 2).float()
        crops = torch.cat([self._cut(squares, number) for number in range(self.views)])
        return (crops / 255 - self.mean) / self.deviation

    def _cut(self, squares: Tensor, number: int) -> Tensor:
        """Cut what `seje.vision.transforms.view` does, whose work in place ONNX would lose."""
        seen: Tensor
        if number < 2:
            seen = v2.functional.center_crop(squares, [self.crop])
        else:
            share, *place = PARTS[number - 2]
            part = round(squares.shape[-1] * share)
            top, left = (round((squares.shape[-1] - part) * shift) for shift in place)
            seen = v2.functional.crop(squares, top, left, part, part)
            for shape in ((part, self.crop), (self.crop, self.crop)):  # as torch does it with uint8
                seen = (nn.functional.interpolate(seen, shape, mode="bilinear") + 0.5).floor()
        return seen.flip(-1) if number % 2 else seen


class Told(nn.Module):
    """Features [V B, F] of views to the mean feature [B, F] and the category as a word vector [B, D]."""

    table: Tensor

    def __init__(self, describer: Describer) -> None:
        super().__init__()
        self.head = copy.deepcopy(describer.classifier.head).cpu()
        self.views, self.soft, self.confidence = describer.views, describer.soft, describer.confidence
        self.register_buffer("table", torch.from_numpy(describer.table))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """As `seje.vision.description` says it."""
        views = features.reshape(self.views, -1, features.shape[1])  # [V, B, F]
        probabilities = self.head(views[:TOLD_BY]).softmax(2).mean(0)  # [B, K]
        chosen = probabilities @ self.table if self.soft else self.table[probabilities.argmax(1)]
        told = probabilities.amax(1, keepdim=True) >= self.confidence
        return views.clamp(-LARGEST, LARGEST).mean(0), chosen * told


class Rest(nn.Module):
    """What follows a classifier's backbone: features [V B, F] to unit vectors [B, E]."""

    def __init__(self, towers: JointModel, describer: Describer) -> None:
        super().__init__()
        self.towers, self.told = copy.deepcopy(towers).cpu(), Told(describer)

    def forward(self, features: Tensor) -> Tensor:
        """Embed photos."""
        return self.towers.embed_images(PhotoBatch(*self.told(features)))


class ImageGraph(nn.Module):
    """Photos [B, S, S, 3], uint8, to unit vectors [B, E]."""

    def __init__(self, towers: JointModel, describer: Describer | None, cnn: Cnn | None) -> None:
        super().__init__()
        self.towers = copy.deepcopy(towers).cpu()
        self.told: Told | None = None
        if describer:
            self.views, self.told = Views(describer.views, describer.classifier.crop), Told(describer)
            self.backbone = plain(describer.classifier.backbone)
        self.cnn = plain(cnn.backbone) if cnn else None
        self.centre = Views(1, crop_side(cnn.side)) if cnn else None
        self.eval()

    def forward(self, photos: Tensor) -> Tensor:
        """Embed photos."""
        pixels = labels = torch.zeros(photos.shape[0], 0)
        if self.told:
            pixels, labels = self.told(self.backbone(self.views(photos)))
        if self.cnn and self.centre:
            pixels = self.cnn(self.centre(photos)).clamp(-LARGEST, LARGEST)
        return self.towers.embed_images(PhotoBatch(pixels, labels))


def side_of(describer: Describer | None, cnn: Cnn | None) -> int:
    """Side S of the squares; raises SejeError where the classifier and the CNN need two of them."""
    sides = {part.side for part in (describer, cnn) if part}
    if len(sides) > 1:
        raise SejeError(
            "export: the model's category classifier and its CNN see photos of different sizes "
            f"({', '.join(map(str, sorted(sides)))} pixels), one graph takes one: set joint.pixels to cached"
        )
    return sides.pop()


def plain(backbone: object) -> nn.Module:
    """A copy on the CPU whose convolutions are all torch's own, which ONNX knows."""
    assert isinstance(backbone, TorchBackbone)
    made = copy.deepcopy(backbone).cpu()
    for name, layer in list(made.named_modules()):
        if isinstance(layer, TinyConv2d):
            made.set_submodule(name, remade(layer, nn.Conv2d))
    return made
