"""Convolutions over tiny maps, and a training step of the classifier that is made of them.

    python benchmarks/convolution.py

The first table is of single layers at a batch of 32, forward and back: oneDNN in both layouts of memory, and
the matrix product of `seje.vision.convolution`. The second is of a step of WideResNet-50 on crops of 48
pixels, whole and shallow, in float32 and bfloat16. Milliseconds are medians of some calls.
"""

import argparse
from collections.abc import Callable

import torch
from joint import seconds
from rich.console import Console
from rich.table import Table
from torch import nn

from seje.categories.finetuning import FineTuning
from seje.categories.settings import FineTuningSettings
from seje.vision import convolution
from seje.vision.classifier import build

LAYERS = [  # channels, output channels, side of the map, kernel, stride
    (1024, 1024, 2, 3, 1),
    (1024, 1024, 3, 3, 2),
    (512, 512, 3, 3, 1),
    (1024, 2048, 3, 1, 2),
    (1024, 512, 3, 1, 1),
    (256, 256, 6, 3, 1),
]
SETTINGS = FineTuningSettings(epochs=1, batch=32, lr=1e-3, shallow=0.0, seed=1)
CROP, CLASSES, CPU = 48, 34, torch.device("cpu")


def both_ways(layer: nn.Module, maps: torch.Tensor) -> Callable[[], None]:
    """A call that goes forward and back through a layer."""
    maps = maps.clone(memory_format=torch.preserve_format).requires_grad_()
    gradient = torch.ones_like(layer(maps))

    def run() -> None:
        """Forget the gradients of the call before, and find them again."""
        layer.zero_grad()
        layer(maps).backward(gradient)

    return run


def layer_table(batch: int, calls: int) -> Table:
    """A row for each layer; the product is taken for all, also those above the limit."""
    shown = Table(title=f"layers, batch {batch}, {torch.get_num_threads()} threads, ms")
    for column in ("layer", "oneDNN, channels last", "oneDNN, channels first", "matrix product"):
        shown.add_column(column, justify="left" if column == "layer" else "right")
    convolution.TINY = 10**9
    for inputs, outputs, side, kernel, stride in LAYERS:
        plain = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        maps = torch.randn(batch, inputs, side, side)
        last = {"memory_format": torch.channels_last}
        first = seconds(calls, both_ways(plain, maps), CPU)
        plain, maps = plain.to(**last), maps.to(**last)
        found = [seconds(calls, both_ways(plain, maps), CPU), first]
        found.append(seconds(calls, both_ways(convolution.with_tiny_maps(nn.Sequential(plain)), maps), CPU))
        name = f"{inputs} to {outputs}, {kernel}x{kernel}, stride {stride}, on {side}x{side}"
        shown.add_row(name, *(f"{1000 * value:.1f}" for value in found))
    return shown


def step_table(backbone: str, batch: int, calls: int, limit: int) -> Table:
    """A row for each precision: without matrix products, with them, and without the blocks left out."""
    shown = Table(title=f"a step of {backbone}, batch {batch}, {torch.get_num_threads()} threads, ms")
    for column in ("precision", "oneDNN alone", "tiny maps as products", "and shallow"):
        shown.add_column(column, justify="left" if column == "precision" else "right")
    pixels, labels = torch.randn(batch, 3, CROP, CROP), torch.randint(CLASSES, (batch,))
    for precision in ("32", "bf16"):
        tuning = FineTuning(build(backbone, "none", CLASSES, CROP, precision), SETTINGS)
        tuning.classifier.train()
        found = []
        for tiny, shallow in ((0, False), (limit, False), (limit, True)):
            convolution.TINY = tiny
            tuning.classifier.backbone.skip_identities(shallow)
            found.append(seconds(calls, lambda step=tuning._step: step(pixels, labels, 1e-3, None), CPU))
        shown.add_row(precision, *(f"{1000 * value:.0f}" for value in found))
    return shown


def main() -> None:
    """Read the sizes from the command line and print both tables."""
    parser = argparse.ArgumentParser(description="Time convolutions over tiny maps.")
    parser.add_argument("--backbone", default="wide_resnet50_2", help="of the second table")
    for name, value in (("batch", 32), ("calls", 4), ("threads", torch.get_num_threads())):
        parser.add_argument(f"--{name}", type=int, default=value)
    given, limit = parser.parse_args(), convolution.TINY
    torch.set_num_threads(given.threads)
    Console().print(layer_table(given.batch, given.calls))
    Console().print(step_table(given.backbone, given.batch, given.calls, limit))


if __name__ == "__main__":
    main()
