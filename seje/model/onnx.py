"""A model as two ONNX graphs, for programs without PyTorch: from a square photo, and from ids of words.

image.onnx takes pixels, so that all of a photo's way is in it. recipe.onnx takes the ids of the words of
instructions where the model's sentence encoder is one of words, and key terms as their feature: the tagger's
search and the ratings of terms are no graph. export.json says of each input what it is and how it is made.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from seje.errors import SejeError
from seje.model.folder import BACKBONE
from seje.model.image_graph import ImageGraph, Rest, Views, side_of
from seje.model.model import Model
from seje.model.onnx_facts import VOCABULARY, WORDS, facts
from seje.model.recipe_encoder import RecipeText
from seje.model.recipe_graph import Feed, RecipeGraph, feed, vocabulary
from seje.photos.decoding import decode, encode
from seje.towers.embedding import Embeddings
from seje.vision.backbones import TorchBackbone
from seje.vision.sentence import SentenceBackbone
from seje.vision.transforms import Squares

IMAGE, RECIPE, FACTS = "image.onnx", "recipe.onnx", "export.json"
LARGEST = 1e-3  # difference from PyTorch
BATCH = torch.export.Dim("N", min=1)
DYNAMIC = {"instructions": ("T", "W"), "lines": ("M", "X")}  # what else than the batch may have any length
_EXTRA = "the exporter needs onnx and onnxscript: pip install 'seje[onnx]'"


class Sample(NamedTuple):
    """Photos as `PhotoEncoder.shrink` gives them, and recipes."""

    jpegs: Sequence[bytes | memoryview]
    recipes: Sequence[RecipeText]


def export(model: Model, folder: Path) -> dict[str, float]:
    """Write both graphs and export.json to a folder; gives how far each is from PyTorch, at most.

    Both take any number of photos or recipes at once. Raises SejeError where one is further than LARGEST, or
    the extra for ONNX is not installed.
    """
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError:
        raise SejeError(_EXTRA) from None
    _check(model)
    folder.mkdir(parents=True, exist_ok=True)
    sample = made_up(model)
    writers: dict[str, Callable[[Path], None]] = {
        RECIPE: lambda path: _write_recipe(model, sample.recipes, path),
        IMAGE: lambda path: _write_image(model, path),
    }
    found = {}
    for name, write in writers.items():
        with replacing(folder / name) as part:
            write(part)
            found[name] = _difference(model, part, name, sample)
            if not found[name] <= LARGEST:  # NaN is no nearness
                raise SejeError(f"{folder / name}: {found[name]:.1e} from PyTorch, more than {LARGEST:.0e}")
    _write_facts(model, folder)
    return found


def _check(model: Model) -> None:
    """Raise SejeError where a part of the model cannot be a graph."""
    model.photo_encoder.need_photos()
    describer = model.photo_encoder.describer
    if describer and isinstance(describer.classifier.backbone, SentenceBackbone):
        raise SejeError(
            "export: a photo backbone of sentence-transformers is not written as ONNX: write it by tools "
            "of its own, and train on that file (categories.backbone: NETWORK.onnx)"
        )


def _write_facts(model: Model, folder: Path) -> None:
    encoder = model.recipe_encoder
    said: dict[str, Any] = {FACTS: facts(model, side_of(model.photo_encoder.describer, model.cnn))}
    if words := vocabulary(encoder.sentences):
        said[VOCABULARY] = words
    if encoder.space:
        said[WORDS] = encoder.space.vocabulary
    for name, data in said.items():
        with replacing(folder / name) as part:
            part.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the path of a file that takes the place of another when it is whole."""
    part = path.with_name(f".part-{path.name}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def made_up(model: Model) -> Sample:
    """Photos of soft blots, and recipes that lack one part or another."""
    random = np.random.default_rng(0)
    blots = random.integers(0, 256, (5, 6, 6, 3), np.uint8)
    jpegs = [encode(_enlarged(blot, model.photo_encoder.size), model.photo_encoder.quality) for blot in blots]
    steps = ["Chop the tomatoes and the onion.", "Cook them in oil for 10 minutes.", "Add salt and serve."]
    recipes = [
        RecipeText("Tomato soup", ["4 tomatoes", "1 onion", "2 tbsp olive oil"], steps),
        RecipeText("Chocolate cake", ["200 g flour", "2 eggs", "chocolate"], ["Mix well, then bake."]),
        RecipeText("Greek salad"),
        RecipeText(ingredients=["rice", "1 cup milk"]),
        RecipeText(instructions=["Boil the pasta.", "Toss it with butter and cheese."]),
        RecipeText(),
    ]
    return Sample(jpegs, recipes)


def _enlarged(blot: Any, side: int) -> Any:
    from PIL import Image

    return Image.fromarray(blot).resize((side + side // 3, side), Image.Resampling.BICUBIC)


def squares_of(model: Model, jpegs: Sequence[bytes | memoryview]) -> Feed:
    """The input of image.onnx for some photos: uint8 [N, S, S, 3]."""
    side = side_of(model.photo_encoder.describer, model.cnn)
    squares = Squares(lambda row: decode(jpegs[row]), len(jpegs), side, cache_bytes=0)
    return {"photos": squares.batch(np.arange(len(jpegs))).transpose(0, 2, 3, 1)}


def recipe_feed(model: Model, recipes: Sequence[RecipeText]) -> Feed:
    """The inputs of recipe.onnx for some recipes."""
    return feed(model.recipe_encoder, model.towers.sizes, recipes)


def session(path: Path) -> Any:
    """Open a graph on the CPU, with as many threads as torch has."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])


def ask(graph: Any, inputs: Feed) -> Embeddings:
    """Run a graph: unit vectors [N, E]."""
    found: Embeddings = graph.run(["embedding"], inputs)[0]
    return found


def _difference(model: Model, path: Path, name: str, sample: Sample) -> float:
    """The largest difference of a graph from the model, for all items together and for one alone."""
    graph, one = session(path), Sample(sample.jpegs[:1], sample.recipes[:1])
    found = []
    for some in (sample, one):
        if name == IMAGE:
            given, expected = squares_of(model, some.jpegs), _embedded(model, some.jpegs)
        else:
            given, expected = recipe_feed(model, some.recipes), model.embed_recipes(some.recipes)
        found.append(np.abs(ask(graph, given) - expected).max())
    return float(np.max(found))


def _embedded(model: Model, jpegs: Sequence[bytes | memoryview]) -> Embeddings:
    """What PyTorch gives in float32, which the graph is in, whatever the classifier was made for."""
    describer = model.photo_encoder.describer
    if not describer:
        return model.embed_shrunk(jpegs)
    precision, describer.classifier.precision = describer.classifier.precision, "32"
    try:
        return model.embed_shrunk(jpegs)
    finally:
        describer.classifier.precision = precision


def _write_recipe(model: Model, recipes: Sequence[RecipeText], path: Path) -> None:
    inputs = recipe_feed(model, recipes[:2])  # both whole
    _trace(RecipeGraph(model.towers, model.recipe_encoder), inputs, path)


def _write_image(model: Model, path: Path) -> None:
    """Write one graph; of a backbone that is a file, what comes before it, the file, and what follows."""
    describer, cnn = model.photo_encoder.describer, model.cnn
    side = side_of(describer, cnn)
    photos = {"photos": np.zeros((2, side, side, 3), np.uint8)}
    if describer is None or isinstance(describer.classifier.backbone, TorchBackbone):
        _trace(ImageGraph(model.towers, describer, cnn), photos, path)
        return
    import onnx

    before, after = path.with_name(".part-before"), path.with_name(".part-after")
    try:
        _trace(Views(describer.views, describer.classifier.crop), photos, before, output="pixels")
        features = np.zeros((2 * describer.views, describer.classifier.backbone.features), np.float32)
        _trace(Rest(model.towers, describer).eval(), {"features": features}, after)
        parts = onnx.load(before), onnx.load(model.folder.checked(BACKBONE)), onnx.load(after)
    finally:
        before.unlink(missing_ok=True)
        after.unlink(missing_ok=True)
    onnx.save(_chained(*parts), path)


def _chained(before: Any, backbone: Any, after: Any) -> Any:
    """One graph of three, each of which takes what the one before it gives; names of the middle are kept."""
    from onnx import compose, version_converter

    opset = next(used.version for used in before.opset_import if used.domain in {"", "ai.onnx"})
    try:
        middle = version_converter.convert_version(backbone, opset)
        middle.ir_version = before.ir_version
        before, after = compose.add_prefix(before, "views/"), compose.add_prefix(after, "towers/")
        first = compose.merge_models(before, middle, [("views/pixels", "pixels")])
        whole = compose.merge_models(first, after, [("features", "towers/features")])
    except Exception as error:  # of a file from anywhere, converters raise what they like
        reason = " ".join(str(error).split())[:160]
        raise SejeError(f"export: the file of the photo backbone cannot be put between ({reason})") from None
    imports = {used.domain: used for used in whole.opset_import}  # merged, each is there twice
    del whole.opset_import[:]
    whole.opset_import.extend(imports.values())
    for place, name in ((whole.graph.input[0], "photos"), (whole.graph.output[0], "embedding")):
        _rename(whole.graph, place.name, name)
    return whole


def _rename(graph: Any, old: str, new: str) -> None:
    for place in (*graph.input, *graph.output):
        place.name = new if place.name == old else place.name
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]


def _trace(graph: nn.Module, inputs: Feed, path: Path, output: str = "embedding") -> None:
    """Write a module as a graph whose inputs have any number of rows, and lines any length."""
    tensors = {name: torch.from_numpy(np.array(given)) for name, given in inputs.items()}
    shapes = {name: _free(name, given) for name, given in tensors.items()}
    with warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            graph,
            (),
            str(path),
            kwargs=tensors,
            input_names=list(tensors),
            output_names=[output],
            dynamic_shapes=shapes,
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def _free(name: str, given: Any) -> dict[int, Any]:
    """The dimensions of an input that may have any length."""
    free = {0: BATCH}
    for place, other in enumerate(DYNAMIC.get(name, ()), 1):
        if place == 1 or given.dtype == torch.int64:  # a sentence's vector has its own length
            free[place] = torch.export.Dim(other, min=2 if other == "M" else 1)
    return free
