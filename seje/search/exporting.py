"""What `seje export` does: the graphs of a model; by choice in 8 bits, with the loss on an index's pairs."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seje.data.recipe_text import TEXT
from seje.errors import SejeError
from seje.model import int8, onnx
from seje.model.int8 import Pairs
from seje.model.model import Model
from seje.model.recipe_encoder import RecipeText
from seje.photos.store import Photos
from seje.search.opening import open_model, open_search
from seje.workspace import files, paths

MEASURED = 1000  # pairs at most that the loss is told by
SEEN = 64  # photos at most that set the ranges of 8 bits
PARTITIONS = ("test", "val")  # whose pairs the loss is told by: the first that has any


class Step(NamedTuple):
    """What is done: as a line for people, and as facts: of a file, or of the loss."""

    line: str
    facts: dict[str, Any]


def as_json(steps: Iterable[Step]) -> dict[str, Any]:
    """Do all steps; gives the files, and the loss by 8 bits, as programs read it."""
    facts = [step.facts for step in steps]
    loss = [of for of in facts if "file" not in of]
    return {"written": [of for of in facts if "file" in of], "loss": loss[0] if loss else None}


def run(out: Path, model_folder: Path | None, index: Path | None, eight_bits: bool) -> Iterator[Step]:
    """Write the graphs, and yield a step as each is done; None: the pipeline's model and index."""
    if out.is_file():
        raise SejeError(f"{out}: is a file: give the name of a folder")
    model = open_search(model_folder, index).model if eight_bits else open_model(model_folder)
    items = _read(index or paths.Index.FOLDER) if eight_bits else None
    for name, difference in onnx.export(model, out).items():
        yield _written(out / name, f"at most {difference:.1e} from PyTorch", from_pytorch=difference)
    yield Step(f"{out / onnx.FACTS}: what they take and give", {"file": str(out / onnx.FACTS)})
    if items:
        yield from _eight_bits(model, out, *items)


def _eight_bits(model: Model, out: Path, partition: str, pairs: Pairs, seen: int8.Jpegs) -> Iterator[Step]:
    int8.quantise(model, out, seen)
    found = int8.loss(model, out, pairs)
    for name, cosine in ((onnx.RECIPE, found.recipes), (onnx.IMAGE, found.photos)):
        told = f"mean cosine to the model's vectors {cosine:.4f}"
        yield _written(out / int8.quantised(name), told, cosine=cosine)
    count = len(pairs.recipes)
    yield Step(
        f"R@10 among {count} {partition} pairs, mean of both directions: "
        f"{found.before:.4f} before, {found.after:.4f} in 8 bits",
        {"partition": partition, "pairs": count, "R@10 before": found.before, "R@10 after": found.after},
    )


def _written(path: Path, told: str, **measured: float) -> Step:
    size = path.stat().st_size
    return Step(f"{path}: {size / 1e6:.1f} MB, {told}", {"file": str(path), "bytes": size, **measured})


def _read(folder: Path) -> tuple[str, Pairs, int8.Jpegs]:
    """Pairs to measure by, a photo of each recipe, with their partition; and photos of other partitions."""
    columns = ["partition", "first"]
    table = files.read_table(folder / paths.Index.RECIPE_ITEMS.name, "index", [*columns, *TEXT])
    partitions, has_photo = table["partition"].to_numpy(), table["first"].is_valid().to_numpy()
    held = {name: np.flatnonzero(has_photo & (partitions == name)) for name in PARTITIONS}
    chosen = next((name for name in PARTITIONS if len(held[name])), None)
    others = np.flatnonzero(has_photo & (partitions != chosen))
    if not chosen or not len(others):
        raise SejeError(
            f"--int8: {folder} needs pairs of test or val, by which the loss is told, and photos of another "
            "partition, by which ranges are set: give another --index"
        )
    rows = _some(held[chosen], MEASURED)
    store, first = Photos(folder / paths.Index.STORE.name), table["first"]
    texts = table.select(TEXT).take(rows).to_pylist()
    of_photos, of_recipes = (_vectors(folder, side) for side in ("photos", "recipes"))
    photos = first.take(rows).to_numpy()
    pairs = Pairs(
        [store.jpeg(photo) for photo in photos.tolist()],
        [RecipeText(**text) for text in texts],
        of_photos[photos],
        of_recipes[rows],
    )
    return chosen, pairs, [store.jpeg(photo) for photo in first.take(_some(others, SEEN)).to_pylist()]


def _vectors(folder: Path, side: str) -> Any:
    return files.read_array(folder / f"{side}.npy", "index")


def _some(rows: Any, most: int) -> Any:
    """Draw `most` rows, always the same; all where there are no more."""
    return np.sort(np.random.default_rng(0).choice(rows, min(most, len(rows)), replace=False))
