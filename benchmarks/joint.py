"""How fast phase II trains at the paper's widths, and where the time of a step goes.

    python benchmarks/joint.py
    python benchmarks/joint.py --pixels resnet50 --device cuda --precision bf16-mixed

Random features: 100 pairs a batch, 20 instructions a recipe, LSTM and embedding of 1024. The first table is
of cached pixel features; with `--pixels` the second is of a CNN trained along at 224 pixels, beside the bare
forward and backward pass of that CNN, which is the limit. Losses and LSTM are timed apart, forward and back.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from lightning_fabric import Fabric
from rich.console import Console
from rich.table import Table

from seje.joint.cnn import Cnn
from seje.joint.sampling import Batch, BatchRows, load
from seje.joint.settings import LossSettings, TrainingSettings
from seje.joint.training import Training
from seje.towers.features import LineVectors, PhotoFeatures, RecipeFeatures
from seje.towers.joint_model import ModelSizes
from seje.vision.models import torch_backbone
from seje.vision.transforms import Squares, crop_side

SIDE, INSTRUCTIONS, CATEGORIES = 256, 20, 1005
SETTINGS = TrainingSettings(
    batch=4, epochs=1, lr=1e-4, pixels_lr=1e-4, text_lr=1e-4, freeze_epochs=0, schedule="plateau",
    weight_decay=0.0, patience=3, stop=10, drop=0.0, ridge=2.0, seed=1,
)  # fmt: skip
LOSS = LossSettings(
    objective="triplet", margin="soft", gamma=16.0, negatives="double", temperature="learned", category=0.005,
    background="ignore", discriminator=0.005, discriminator_form="logistic", gradient_penalty=10.0,
    recipe=0.0,
)  # fmt: skip


def features(sizes: ModelSizes, pairs: int) -> tuple[RecipeFeatures, PhotoFeatures]:
    """Random features of some pairs, as float16 where the stages store that."""
    random = np.random.default_rng(0)
    sentences = random.standard_normal((pairs * INSTRUCTIONS, sizes.sentence), np.float32)
    recipes = RecipeFeatures(
        random.standard_normal((pairs, 1, sizes.terms), np.float32),
        LineVectors(sentences.astype(np.float16), np.arange(pairs + 1) * INSTRUCTIONS),
        np.zeros((pairs, 1, 0), np.float32),
        random.integers(CATEGORIES, size=pairs),
    )
    pixels = random.standard_normal((pairs, 1, sizes.pixels), np.float32).astype(np.float16)
    labels = random.standard_normal((pairs, sizes.labels), np.float32)
    return recipes, PhotoFeatures(pixels, labels, np.arange(pairs))


def squares(pairs: int) -> Squares:
    """Random photos, in memory like those that a store has been read from before."""
    photos = np.random.default_rng(1).integers(0, 256, (pairs, SIDE, SIDE, 3), dtype=np.uint8)
    return Squares(lambda row: photos[row], pairs, SIDE)


def seconds(steps: int, act: Callable[[], object], device: torch.device) -> float:
    """Median time of some calls, after one that warms up."""
    times = []
    for _ in range(steps + 1):
        start = time.perf_counter()
        act()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def embeddings(training: Training, batch: Batch) -> list[torch.Tensor]:
    """Random unit vectors of a batch's photos and recipes, as leaves."""
    shape = (2, len(batch.categories), training.model.sizes.embedding)
    sides = torch.nn.functional.normalize(torch.randn(shape, device=training.device), dim=-1)
    return [side.requires_grad_() for side in sides]


def losses(training: Training, batch: Batch, image: torch.Tensor, recipe: torch.Tensor) -> None:
    """Everything behind the embeddings, forward and back, with the discriminator's own step."""
    alike = torch.Generator(training.device).manual_seed(batch.seed)
    training.optimisers.learn_critic(training.objective.critic_loss(image, recipe, alike))
    found = training.objective(image, recipe, batch.categories.to(training.device), training.model.category)
    found["loss"].backward()  # type: ignore[no-untyped-call]


def recurrent(training: Training, batch: Batch) -> None:
    """The LSTM over instructions alone, forward and back."""
    with training.fabric.autocast():
        training.model.recipe._read(batch.recipes.to(training.device)).float().sum().backward()


def bare(training: Training, cnn: Cnn, batch: Batch) -> None:
    """The CNN alone on crops that lie ready, forward and back: the limit of training it along."""
    crop = crop_side(SIDE)
    pixels = torch.randn(len(batch.categories), 3, crop, crop, device=training.device)
    with training.fabric.autocast():
        found = cnn.backbone(pixels.to(memory_format=torch.channels_last))
    found.float().sum().backward()


def rows(given: argparse.Namespace, pixels: str | None) -> Iterator[tuple[str, float]]:
    """Name and seconds of a step and of its parts."""
    cnn = Cnn(torch_backbone(pixels, "none", 1, crop_side(SIDE))[0], SIDE) if pixels else None
    width = cnn.features if cnn else 2048
    sizes = ModelSizes(
        terms=given.terms, sentence=given.width, lines=0, words=0, pixels=width, labels=given.terms, linear=0,
        linear_reads=("terms",), recipe="lstm", recurrent=given.width, embedding=given.width,
        categories=CATEGORIES, dropout=0.0,
    )  # fmt: skip
    fabric = Fabric(accelerator=given.device, devices=1, precision=given.precision)
    training = Training(sizes, SETTINGS, LOSS, fabric, cnn)
    training.model.train()
    recipes, photos = features(sizes, 4 * given.batch)
    if cnn:
        photos = PhotoFeatures(photos.pixels, photos.labels, photos.recipes, squares(4 * given.batch))
    chosen = np.random.default_rng(2).permutation(4 * given.batch)[: given.batch]
    first, told = np.zeros_like(chosen), np.ones(len(chosen), bool)
    draw = BatchRows(chosen, first, chosen, first, told, None, first, seed=1)
    batch = load(recipes, photos, draw)
    measured = {
        "a step": lambda: training.step(batch),
        "of it losses": partial(losses, training, batch, *embeddings(training, batch)),
        "of it the LSTM": lambda: recurrent(training, batch),
        "loading, in threads beside it": lambda: load(recipes, photos, draw),
    }
    if cnn:
        measured["the CNN alone, the limit"] = lambda: bare(training, cnn, batch)
    for name, act in measured.items():
        yield name, seconds(given.steps, act, training.device)


def table(given: argparse.Namespace, pixels: str | None) -> Table:
    """Time one form of training and lay it out."""
    shown = Table(title=f"{pixels or 'cached features'}, batch {given.batch}, width {given.width}, "
                        f"{given.device}, {given.precision}, {os.cpu_count()} cores")  # fmt: skip
    for column in ("", "ms", "of a step", "pairs/s"):
        shown.add_column(column, justify="right" if column else "left")
    step = 0.0
    for name, found in rows(given, pixels):
        step = step or found
        shown.add_row(name, f"{1000 * found:.1f}", f"{found / step:.1%}", f"{given.batch / found:.1f}")
    return shown


def main() -> None:
    """Read the sizes from the command line and print the tables."""
    parser = argparse.ArgumentParser(description="Time the training step of phase II.")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["32-true", "bf16-mixed"], default="32-true")
    parser.add_argument("--pixels", help="a backbone to train along, for the second table")
    for name, value in (("batch", 100), ("width", 1024), ("terms", 300), ("steps", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    for pixels in [None, *([given.pixels] if given.pixels else [])]:
        Console().print(table(given, pixels))


if __name__ == "__main__":
    main()
