"""The category classifier: a backbone and a linear head, and what it says of photos.

B batch, V views, F features, K classes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from seje.data.parallel import map_threads
from seje.errors import SejeError
from seje.vision.backbones import Backbone, OnnxBackbone, TorchBackbone
from seje.vision.models import torch_backbone, weights_of
from seje.vision.names import FEATURES, is_onnx, is_ready
from seje.vision.own_features import GivenFeatures
from seje.vision.sentence import SentenceBackbone
from seje.vision.transforms import Photographs, view
from seje.vision.weights import load_body, load_head

Rows = npt.NDArray[np.int64]
DECODING_THREADS = 2
BATCH = 64
# Of photos that pass a network of PyTorch together: of four views each, EfficientNet-Lite0 takes 8.2 a CPU
# second by eights, 4.7 all 64 at once (one thread; benchmarks/describing.py, docs/performance.md).
CACHED_PIXELS = 8 * 224**2
# Views that a photo's category is told by at most: its centre and the mirror image. Top-1 on food10 with
# them 0.697, with the centre alone 0.698, with all 18 views 0.685; on the kitchen 0.716, alone 0.672
# (docs/experiments.md).
TOLD_BY = 2


class Classifier(nn.Module):
    """A backbone and a linear head; sees crops of `crop` pixels."""

    def __init__(self, backbone: Backbone, head: nn.Linear, crop: int, precision: str) -> None:
        super().__init__()
        self.backbone, self.head, self.crop, self.precision = backbone, head, crop, precision
        self.device = torch.device("cuda" if torch.cuda.is_available() and self.of_torch else "cpu")
        self.to(self.device)

    @property
    def of_torch(self) -> bool:
        """Whether the backbone is a network of PyTorch: on any device, in bfloat16 too; no ONNX file."""
        return isinstance(self.backbone, nn.Module)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Features [B, F] and logits [B, K] of normalised crops, both float32."""
        with self._precision():
            features = torch.cat(
                [self.backbone(part) for part in self._parts(pixels.to(self.device))]
            ).float()
        return features, self.head(features)

    def _parts(self, pixels: Tensor) -> Sequence[Tensor]:
        """Cut a batch that nothing is learnt from into what stays in a CPU's cache."""
        if self.device.type != "cpu" or not self.of_torch or self.is_given or torch.is_grad_enabled():
            return [pixels]
        return torch.split(pixels, max(1, CACHED_PIXELS // self.crop**2))

    def view(self, photos: Tensor, number: int) -> Tensor:
        """Cut a view out of squares [B, 3, S, S]; of features of one's own [B, V, F], take the view's."""
        return photos[:, number] if self.is_given else view(photos, number, self.crop)

    @property
    def is_given(self) -> bool:
        """Whether it takes features of one's own, and so no photo."""
        return isinstance(self.backbone, GivenFeatures)

    def weights(self) -> dict[str, Tensor]:
        """State dict: torchvision's names, or the head alone where the backbone is one that is ready."""
        if isinstance(self.backbone, TorchBackbone):
            return weights_of(self.backbone, self.head)
        return dict(self.head.state_dict())

    def _precision(self) -> AbstractContextManager[object]:
        enabled = self.precision == "bf16" and self.of_torch
        return torch.autocast(self.device.type, torch.bfloat16, enabled=enabled)


def rebuild(config: Mapping[str, Any], weights: dict[str, Tensor]) -> Classifier:
    """Make a trained classifier of its config and weights.

    The config's keys are `backbone`, `classes`, `features`, `crop` and `precision`. Raises SejeError where
    config, weights and backbone are not of one another.
    """
    try:
        network = (config["backbone"], "none", len(config["classes"]), config["crop"], config["precision"])
        features = config["features"]
    except KeyError as missing:
        raise _not_of_one(f"its config has no {missing}") from None
    classifier = (
        given_features(features, len(config["classes"])) if network[0] == FEATURES else build(*network)
    )
    if classifier.backbone.features != features:
        raise _not_of_one(
            f"{config['backbone']} gives {classifier.backbone.features} features, not {features}"
        )
    if set(weights) != set(classifier.weights()):
        raise _not_of_one(f"its weights are not named as those of {config['backbone']}")
    prefix = ""
    if isinstance(classifier.backbone, TorchBackbone):
        load_body(classifier.backbone.model, weights, "the classifier")
        prefix = f"{classifier.backbone.head}."
    if not load_head(classifier.head, weights, prefix):
        raise _not_of_one(f"its head is not of {len(config['classes'])} classes")
    return classifier.eval()


def _not_of_one(reason: str) -> SejeError:
    return SejeError(f"the photo classifier does not fit together: {reason}: run `dvc repro -f categories`")


def build(backbone: str, weights: str, classes: int, crop: int, precision: str) -> Classifier:
    """Make an untrained classifier; raises SejeError where the backbone or its weights cannot be had."""
    if not is_ready(backbone):
        return Classifier(*torch_backbone(backbone, weights, classes, crop), crop, precision)
    if weights != "none":
        raise SejeError(
            f"categories.weights: {weights} is of no use to {backbone}, which has its own: set it to none"
        )
    ready = OnnxBackbone(Path(backbone), crop) if is_onnx(backbone) else SentenceBackbone(backbone)
    return Classifier(ready, nn.Linear(ready.features, classes), crop, precision)


def given_features(features: int, classes: int) -> Classifier:
    """Make an untrained classifier of features of one's own."""
    return Classifier(GivenFeatures(features), nn.Linear(features, classes), 0, "32")


def chunks(rows: Rows, size: int) -> list[Rows]:
    """Cut rows into batches."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def batches(photos: Photographs, rows: list[Rows]) -> Iterator[Tensor]:
    """What `photos` gives of each batch of rows, decoded ahead in threads."""
    return map(torch.from_numpy, map_threads(photos.batch, rows, DECODING_THREADS))


def classify(
    classifier: Classifier, squares: Photographs, rows: Rows, views: int = 1
) -> Iterator[tuple[Tensor, Tensor]]:
    """Features [B, V, F] and probabilities [B, K], by batches in order, on the CPU.

    The probabilities are of the centre; of two views or more, the mean of the centre and its mirror image:
    the parts of a photo that the others are need not show the dish. Raises SejeError where a number is not
    finite: NaN has no likeliest class, and would spoil all of phase II.
    """
    classifier.eval()
    for photos in batches(squares, chunks(rows, BATCH)):
        with torch.inference_mode():
            seen = [classifier(classifier.view(photos, number)) for number in range(views)]
        features = torch.stack([features for features, _ in seen], dim=1)
        probabilities = torch.stack([logits.softmax(1) for _, logits in seen[:TOLD_BY]]).mean(0)
        if not (features.isfinite().all() and probabilities.isfinite().all()):
            raise SejeError(
                "categories: the network gives photos features that are not finite numbers: its weights are "
                "damaged, or training diverged (categories.weights, categories.lr)"
            )
        yield features.cpu(), probabilities.cpu()
