"""Sentence-transformers models that encode photos (CLIP, SigLIP) as frozen backbones.

The model's own processor resizes and normalises. B batch, C side of a crop, F features.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from seje.data.sentence_transformer import open_model
from seje.errors import SejeError
from seje.photos.decoding import Pixels
from seje.vision.backbones import MadeFor
from seje.vision.names import SENTENCE
from seje.vision.transforms import DEVIATION, MEAN

BATCH = 64  # photos of any size that are encoded together
TRIED = (320, 960)  # sides of photos by which the side that a model is made for is found


class SentenceBackbone(nn.Module):
    """A sentence-transformers model as it is; photos come to its processor as uint8."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.model = _opened(name)
        self.features = int(self(torch.zeros(1, 3, 8, 8)).shape[1])

    def forward(self, pixels: Tensor) -> Tensor:
        """Features [B, F] of photos [B, 3, C, C], normalised as ImageNet's."""
        mean, deviation = torch.tensor([MEAN, DEVIATION], device=pixels.device)
        photos = (pixels.permute(0, 2, 3, 1) * deviation + mean).mul(255).round().clamp(0, 255).byte()
        return encoded(self.model, photos.cpu().numpy()).to(pixels.device)


def encoded(model: Any, photos: Iterable[Pixels]) -> Tensor:
    """Encode a batch of photos [H, W, 3], of any size each: [B, F], float32."""
    images = [Image.fromarray(photo) for photo in photos]
    features: Tensor = model.encode(
        images, batch_size=len(images), convert_to_tensor=True, show_progress_bar=False
    )
    return features.float()


def sentence_made_for(name: str) -> MadeFor:
    """Photos normalised as ImageNet's, of the side that the model's processor gives them, where it is one."""
    model = _opened(name)
    shapes = {_seen(model, side) for side in TRIED}
    fixed = len(shapes) == 1 and len(shape := shapes.pop()) == 4 and shape[-1] == shape[-2]
    return MadeFor(shape[-1] if fixed else None, MEAN, DEVIATION)


def _opened(name: str) -> Any:
    return open_photo_model(name.removeprefix(SENTENCE), "categories.backbone")


@lru_cache(maxsize=1)  # asked for its side, and then made again for each number of classes
def open_photo_model(name: str, key: str) -> Any:
    """Open a model that encodes photos; raises SejeError, which names the `key` of params.yaml."""
    try:
        model = open_model(name).requires_grad_(False).eval()
    except SejeError as error:
        raise SejeError(f"{key}: {error}") from None
    try:
        _seen(model, TRIED[0])
    except Exception as error:  # of a model of text each tokenizer raises what it likes
        reason = " ".join(str(error).split())[:160]
        raise SejeError(f"{key}: {name} encodes no photos ({reason}): choose a model that does") from None
    return model


def _seen(model: Any, side: int) -> tuple[int, ...]:
    """Shape of what a model's processor makes of a photo."""
    photo = Image.fromarray(np.zeros((side, side, 3), np.uint8))
    return tuple(model.preprocess([photo])["pixel_values"].shape)
