"""Graphs of a model with weights of 8 bits, and what that costs.

Of image.onnx, what convolutions take is in 8 bits as well, within ranges that were seen on some photos: a
quarter of the bytes and at most half of the time on a CPU; with ranges taken anew from each photo it is no
faster than float32. Recipes go through few and small matrices, for which that does, and needs no examples.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seje.data.parallel import chunks
from seje.model.model import Model
from seje.model.onnx import IMAGE, RECIPE, ask, recipe_feed, replacing, session, squares_of
from seje.model.recipe_encoder import RecipeText
from seje.model.recipe_graph import Feed
from seje.retrieval.names import DIRECTIONS
from seje.retrieval.protocol import mean_metrics, ranked_draws
from seje.towers.embedding import Embeddings

BATCH = 32  # photos or recipes that go through a graph together
Jpegs = Sequence[bytes | memoryview]


class Pairs(NamedTuple):
    """Photos as the store holds them and their recipes, with the vectors [N, E] that the model gives them."""

    jpegs: Jpegs
    recipes: Sequence[RecipeText]
    of_photos: Embeddings
    of_recipes: Embeddings


class Loss(NamedTuple):
    """What 8 bits cost: mean cosine to the model's vectors, of both graphs; R@10 before and after."""

    photos: float
    recipes: float
    before: float  # mean of both directions
    after: float


def quantised(name: str) -> str:
    """Name the graph of 8 bits that is made of a graph."""
    return name.replace(".onnx", ".int8.onnx")


def quantise(model: Model, folder: Path, seen: Jpegs) -> None:
    """Write image.int8.onnx and recipe.int8.onnx beside the graphs that `export` wrote.

    Args:
        model: the model that they are of.
        folder: where they lie.
        seen: photos by which the ranges of an image's sums are set; a few dozen, none that is measured by.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic, quantize_static

    with _silent(), _folded(folder / IMAGE) as plain, replacing(folder / quantised(IMAGE)) as part:
        # The views are cut exactly, and what is no product of weights gains nothing.
        kinds = ["Conv", "Gemm", "MatMul"]
        reader = _Seen(model, seen)
        quantize_static(
            plain, part, reader, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=kinds
        )
    with _silent(), _folded(folder / RECIPE) as plain, replacing(folder / quantised(RECIPE)) as part:
        quantize_dynamic(plain, part, weight_type=QuantType.QInt8)


@contextmanager
def _folded(path: Path) -> Iterator[Path]:
    """Give a graph whose weights are plain constants, as quantisation needs them; it is removed after."""
    from onnxruntime.quantization.shape_inference import quant_pre_process

    plain = path.with_name(f".part-plain-{path.name}")
    try:
        quant_pre_process(path, plain, skip_symbolic_shape=True)
        yield plain
    finally:
        plain.unlink(missing_ok=True)


def loss(model: Model, folder: Path, pairs: Pairs) -> Loss:
    """Measure the graphs of 8 bits in a folder on some pairs, all of which are candidates of each query."""
    image, recipe = (session(folder / quantised(name)) for name in (IMAGE, RECIPE))
    photos = [ask(image, squares_of(model, part)) for part in chunks(pairs.jpegs, BATCH)]
    recipes = [ask(recipe, recipe_feed(model, part)) for part in chunks(pairs.recipes, BATCH)]
    of_photos, of_recipes = np.concatenate(photos), np.concatenate(recipes)
    return Loss(
        float(np.mean(np.sum(of_photos * pairs.of_photos, axis=1))),
        float(np.mean(np.sum(of_recipes * pairs.of_recipes, axis=1))),
        _recall(pairs.of_photos, pairs.of_recipes),
        _recall(of_photos, of_recipes),
    )


def _recall(of_photos: Embeddings, of_recipes: Embeddings) -> float:
    found = mean_metrics(ranked_draws(of_photos, of_recipes, len(of_photos), 1, seed=0))
    return float(np.mean([found[direction]["R@10"] for direction in DIRECTIONS]))


class _Seen:
    """Reads photos as onnxruntime's calibration asks for them, a few at a time; None after the last."""

    def __init__(self, model: Model, jpegs: Jpegs) -> None:
        self._feeds: Iterator[Feed] = (squares_of(model, part) for part in chunks(jpegs, BATCH))

    def get_next(self) -> Feed | None:
        """The next photos."""
        return next(self._feeds, None)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the advice of onnxruntime's quantisation off the terminal."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
