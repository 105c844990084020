"""How fast photos are described by a frozen backbone, against its bare forward pass.

    python benchmarks/describing.py pipeline/images/images.arrow                # EfficientNet-Lite0, 18 views
    python benchmarks/describing.py STORE --backbone NETWORK.onnx --views 2

Describing is what the stage `categories` does with every photo of a store: decode, cut the views, normalise,
forward, pool. The bare pass takes tensors of the same size and number that are there already: a batch of 64
at once, and in the parts in which the classifier passes it. CPU seconds of one thread each, in turns: other
work on the machine counts for none.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from seje.photos.store import Photos
from seje.vision.classifier import BATCH, build
from seje.vision.description import describe
from seje.vision.models import sight
from seje.vision.names import is_ready
from seje.vision.transforms import Squares

CLASSES = 10
Forward = Callable[[torch.Tensor], object]


def main(
    store: Path,
    backbone: Annotated[str, typer.Option(help="As categories.backbone.")] = "lite0",
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
    work: list[Callable[[], None]] = [
        described,
        lambda: passed(classifier, given, views, len(rows)),
        lambda: passed(classifier.backbone, given, views, len(rows)),
    ]
    seconds = [[cpu(each) for each in work] for _ in range(rounds)]
    whole, parts, once = (len(rows) / min(times) for times in zip(*seconds, strict=True))
    told = f"{backbone}, {views} views of {crop} pixels, one thread, {len(rows)} photos per CPU second"
    print(f"{told}: {whole:.2f} described; bare forward {parts:.2f}, {whole / parts:.2f} of it; "
          f"all at once {once:.2f}")  # fmt: skip


@torch.inference_mode()
def passed(forward: Forward, given: torch.Tensor, views: int, photos: int) -> None:
    """As many passes as `photos` with `views` take."""
    for start in range(0, photos, len(given)):
        for _ in range(views):
            forward(given[: photos - start])


def cpu(work: Callable[[], None]) -> float:
    """CPU seconds of the whole process."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    typer.run(main)
