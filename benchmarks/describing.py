"""How fast photos are described by a frozen backbone, against its bare forward pass.

    python benchmarks/describing.py pipeline/images/images.arrow                # EfficientNet-Lite0, 18 views
    python benchmarks/describing.py STORE --backbone NETWORK.onnx --views 2

Describing is what the stage `categories` does with every photo of a store: decode, cut the views, normalise,
forward, pool. The bare pass takes tensors of the same size and number that are there already. CPU seconds of
one thread each, in turns: other work on the machine counts for neither.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from seje.photos.store import Photos
from seje.vision.classifier import BATCH, Classifier, build
from seje.vision.description import describe
from seje.vision.models import sight
from seje.vision.names import LITE0, is_ready
from seje.vision.transforms import Squares

CLASSES = 10


def main(
    store: Path,
    backbone: Annotated[str, typer.Option(help="As categories.backbone.")] = LITE0,
    views: Annotated[int, typer.Option(help="As categories.views.")] = 18,
    most: Annotated[int, typer.Option(help="Photos that are described at most.")] = 64,
    rounds: Annotated[int, typer.Option(help="Turns of both.")] = 3,
) -> None:
    """Time both, and print photos a second, the best of all rounds."""
    torch.set_num_threads(1)
    photos = Photos(store)
    side, crop = sight(backbone, True, photos.size)
    weights = "none" if is_ready(backbone) else "imagenet"
    classifier = build(backbone, weights, CLASSES, crop, "32").eval()
    rows = np.arange(min(most, len(photos)))

    def described() -> None:
        squares = Squares(photos.decode, len(photos), side, cache_bytes=0)
        assert sum(len(found.pixels) for found in describe(classifier, squares, rows, views)) == len(rows)

    given = torch.randn(min(BATCH, len(rows)), 3, crop, crop).contiguous(memory_format=torch.channels_last)
    seconds = [
        (cpu(described), cpu(lambda: forward(classifier, given, views, len(rows)))) for _ in range(rounds)
    ]
    whole, bare = (len(rows) / min(times) for times in zip(*seconds, strict=True))
    told = f"{backbone}, {views} views of {crop} pixels, one thread, {len(rows)} photos"
    print(f"{told}: {whole:.2f} photos per CPU second, bare forward {bare:.2f}: {whole / bare:.2f} of it")


@torch.inference_mode()
def forward(classifier: Classifier, given: torch.Tensor, views: int, photos: int) -> None:
    """As many passes as `photos` with `views` take."""
    for start in range(0, photos, len(given)):
        for _ in range(views):
            classifier.backbone(given[: photos - start])


def cpu(work: Callable[[], None]) -> float:
    """CPU seconds of the whole process."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    typer.run(main)
