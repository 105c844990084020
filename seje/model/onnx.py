"""Both towers as ONNX, for programs without PyTorch.

B batch, T instructions, E embedding.
"""

import copy
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seje.errors import SejeError
from seje.towers.features import PhotoBatch, RecipeBatch
from seje.towers.joint_model import JointModel, RecipeTower, _unsquash

LARGEST = 1e-4  # difference from PyTorch


class _UnpackedTower(RecipeTower):
    """The recipe tower with an LSTM over padded instructions: ONNX knows no packed sequences."""

    def _read(self, batch: RecipeBatch) -> Tensor:
        states, _ = self.sequence(_unsquash(batch.sentences))  # (B, T, recurrent)
        last = (batch.lengths - 1).clamp_min(0)[:, None, None].expand(-1, 1, states.shape[2])
        found: Tensor = states.gather(1, last)[:, 0]
        return found


class RecipeGraph(nn.Module):
    """Recipes as plain tensors: terms (B, D), sentences (B, T, H), lengths (B,), words (B, W).

    With a transformer also lines (B, L, H) and line_lengths (B,), L at least 2. Zeros are what a recipe
    lacks, as in `RecipeBatch`.
    """

    def __init__(self, model: JointModel) -> None:
        super().__init__()
        self.model = copy.deepcopy(model)
        tower = _UnpackedTower(model.sizes)
        tower.load_state_dict(model.recipe.state_dict())
        self.model.recipe = tower
        self.eval()

    def forward(
        self,
        terms: Tensor,
        sentences: Tensor,
        lengths: Tensor,
        words: Tensor,
        lines: Tensor | None = None,
        line_lengths: Tensor | None = None,
    ) -> Tensor:
        """Embed recipes: unit vectors (B, E)."""
        batch = RecipeBatch(terms, sentences, lengths, words, lines, line_lengths)
        return self.model.embed_recipes(batch)


class ImageGraph(nn.Module):
    """Photos as plain tensors: pixels (B, F), labels (B, D)."""

    def __init__(self, model: JointModel) -> None:
        super().__init__()
        self.model = copy.deepcopy(model)
        self.eval()

    def forward(self, pixels: Tensor, labels: Tensor) -> Tensor:
        """Embed photos: unit vectors (B, E)."""
        return self.model.embed_images(PhotoBatch(pixels, labels))


def export_towers(model: JointModel, folder: Path) -> dict[str, float]:
    """Write recipe.onnx and image.onnx, which take any B and T; how far each is from PyTorch, at most.

    Raises SejeError where one is further than it may be, or the extra for ONNX is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    graphs: list[tuple[str, nn.Module, list[str]]] = [
        ("recipe.onnx", RecipeGraph(model), recipe_inputs(model)),
        ("image.onnx", ImageGraph(model), ["pixels", "labels"]),
    ]
    found = {}
    for name, graph, inputs in graphs:
        part = folder / f".part-{name}"
        _write(graph, _samples(model, inputs, 3, 4), inputs, part)
        found[name] = _difference(model, inputs, part)
        if not found[name] <= LARGEST:  # NaN is no nearness
            part.unlink()
            raise SejeError(f"{folder / name}: {found[name]:.1e} from PyTorch, more than {LARGEST:.0e}")
        part.replace(folder / name)
    return found


def recipe_inputs(model: JointModel) -> list[str]:
    """Names of what recipe.onnx may take; what the model does not read is left out of the graph."""
    others = ["lines", "line_lengths"] if model.sizes.recipe == "transformer" else []
    return ["terms", "sentences", "lengths", "words", *others]


def _write(graph: nn.Module, samples: list[Tensor], inputs: list[str], path: Path) -> None:
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError:
        raise SejeError("the exporter needs onnx and onnxscript: pip install 'seje[onnx]'") from None
    batch = torch.export.Dim("batch", min=1)
    counts = {"sentences": torch.export.Dim("steps", min=1), "lines": torch.export.Dim("lines", min=2)}
    shapes = [{0: batch} | ({1: counts[name]} if name in counts else {}) for name in inputs]
    names: dict[str, Any] = {"input_names": inputs, "output_names": ["embedding"], "dynamic_shapes": shapes}
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            graph, tuple(samples), str(path), **names, dynamo=True, external_data=False, verbose=False
        )


def _samples(model: JointModel, inputs: list[str], batch: int, steps: int) -> list[Tensor]:
    """Draw inputs; the lengths run from 0 to all steps, and the first row lacks all that it may."""
    sizes = model.sizes
    random = torch.Generator().manual_seed(0)
    shapes = {
        "terms": (batch, sizes.terms),
        "sentences": (batch, steps, sizes.sentence),
        "lines": (batch, steps + 1, sizes.sentence),
        "words": (batch, sizes.words),
        "pixels": (batch, sizes.pixels),
        "labels": (batch, sizes.labels),
    }
    drawn = {name: torch.randn(shape, generator=random) for name, shape in shapes.items()}
    for name in ("terms", "labels", "lines"):
        drawn[name][0] = 0
    drawn["lengths"] = torch.arange(batch) * steps // max(1, batch - 1)
    drawn["line_lengths"] = drawn["lengths"].flip(0)
    return [drawn[name] for name in inputs]


@torch.no_grad()
def _difference(model: JointModel, inputs: list[str], path: Path) -> float:
    """Run a graph on other sizes than it was traced with; the largest difference from the model."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    known = {place.name for place in session.get_inputs()}
    differences = []
    for batch, steps in ((1, 1), (7, 9)):
        samples = _samples(model, inputs, batch, steps)
        feed = {name: sample.numpy() for name, sample in zip(inputs, samples, strict=True) if name in known}
        (given,) = session.run(["embedding"], feed)
        if inputs[0] == "terms":
            expected = model.embed_recipes(RecipeBatch(*samples))
        else:
            expected = model.embed_images(PhotoBatch(*samples))
        differences.append(np.abs(given - expected.numpy()).max())
    return float(np.max(differences))
