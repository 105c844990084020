"""Stage `joint`: phase II, the joint embedding of recipes and photos."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seje.data.arrays import new_array
from seje.data.recipe_text import TEXT as COLUMNS
from seje.errors import SejeError
from seje.joint import processes
from seje.joint import text as texts_along
from seje.joint.along import CNN, TEXT, fill, of_towers, under
from seje.joint.cnn import Cnn, start
from seje.joint.collapse import DISTANCE, say_collapse
from seje.joint.settings import JointSettings, LossSettings
from seje.joint.sizes import model_sizes, need_input
from seje.joint.text import TextEncoder
from seje.joint.training import Training
from seje.joint.validation import scoring
from seje.photos.store import Photos
from seje.progress import say, tabulate
from seje.retrieval.names import METRICS
from seje.towers.features import Pairs, PhotoFeatures, RecipeFeatures
from seje.towers.joint_model import JointModel
from seje.towers.texts import Texts
from seje.vision.transforms import Squares
from seje.workspace import artefacts, checkpoints, files, paths


def run(joint: JointSettings, loss: LossSettings) -> None:
    """Train, or go on where a killed run stopped; keep the weights that are best on the val partition."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    fabric = processes.fabric(joint.devices, joint.precision)
    fabric.launch()
    recipes, photos = artefacts.recipe_features(joint.reads_lines), artefacts.photo_features()
    train, val = _pairs(photos)
    need_input(joint, recipes)
    cnn, squares = _cnn(joint)
    text, recipes = _text(joint, recipes)
    along = text.size if text else None, cnn.features if cnn else None
    sizes = model_sizes(joint, recipes, photos, *along)
    training = Training(sizes, joint, loss, fabric, cnn, text)
    checkpoint = paths.checkpoint("joint", _fingerprint(joint, loss, cnn, text))
    _train(training, recipes, replace(photos, squares=squares), train, val, checkpoint)
    _write_cnn(training, joint.pixels, squares)
    _write_text(training, joint.text, recipes)
    files.write_weights(paths.Joint.MODEL, of_towers(training.best), _config(training.model, joint))
    files.write_json(paths.Joint.EPOCHS, training.history)
    files.write_json(paths.metrics("joint"), _metrics(training, len(train), len(val)))
    checkpoints.remove(checkpoint)


def _pairs(photos: PhotoFeatures) -> tuple[Pairs, Pairs]:
    """The pairs of train and of val; raises SejeError where they are too few."""
    train, val = (artefacts.partition_pairs(photos, name) for name in ("train", "val"))
    if len(train) < 2 or not len(val):
        raise SejeError(f"joint: {len(train)} train and {len(val)} val recipes have a photo; needs 2 and 1")
    return train, val


def _fingerprint(joint: JointSettings, loss: LossSettings, cnn: Cnn | None, text: TextEncoder | None) -> str:
    settings: dict[str, Any] = {"joint": joint.model_dump(), "loss": loss.model_dump()}
    settings |= {"text": text.fingerprint()} if text else {}
    read = [*artefacts.FEATURES, *([paths.Categories.CLASSIFIER] if cnn else [])]
    return checkpoints.fingerprint("joint", settings, read)


def _train(
    training: Training,
    recipes: RecipeFeatures,
    photos: PhotoFeatures,
    train: Pairs,
    val: Pairs,
    checkpoint: Path,
) -> None:
    """Train to the end, from the checkpoint on where there is one; the first process alone returns."""
    if state := checkpoints.load(checkpoint):
        training.restore(state)
    alone = artefacts.partition_rows("train") if training.objective.settings.recipe else None
    score = scoring(recipes, photos, val, training.cnn, training.text)
    states = training.run(recipes, photos, train, score, alone)
    with checkpoints.on_sigterm(training.interrupt):
        if not training.fabric.is_global_zero:
            processes.follow(states)
        if state:
            say(f"joint: going on after epoch {len(training.history)}")
        _lead(training, states, checkpoint)


def _cnn(joint: JointSettings) -> tuple[Cnn, Squares] | tuple[None, None]:
    """The CNN to train along and the photos it sees; None where pixel features are cached."""
    if joint.pixels == artefacts.CACHED:
        return None, None
    weights, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    store = Photos(files.need(paths.Images.PHOTOS, "images"))
    cnn = start(joint.pixels, store.size, config, weights)
    return cnn, Squares(store.decode, len(store), store.size)


def _text(joint: JointSettings, recipes: RecipeFeatures) -> tuple[TextEncoder | None, RecipeFeatures]:
    """The text encoder to train along, and recipes with the text it reads; as they are where it is cached."""
    if not joint.text_model:
        return None, recipes
    encoder = texts_along.start(joint.text_model)
    batches = files.read_batches(paths.Corpus.RECIPES, "corpus", COLUMNS)
    paths.Joint.MODEL.parent.mkdir(parents=True, exist_ok=True)
    read = (joint.reads_lines, joint.reads_lines, joint.instructions)
    return encoder, replace(recipes, texts=Texts(batches, paths.Joint.MODEL.parent, read))


def _write_cnn(training: Training, backbone: str, squares: Squares | None) -> None:
    """Write the best CNN and its features of all photos; where there is none, leave none behind."""
    if not (training.cnn and squares):
        for path in (paths.Joint.CNN, paths.Joint.CNN.with_suffix(".json"), paths.Joint.PIXELS):
            path.unlink(missing_ok=True)
        return
    weights = under(CNN, training.best)
    training.cnn.backbone.model.load_state_dict(weights)
    with files.atomic(paths.Joint.PIXELS) as part:
        pixels = new_array(part, np.float16, (len(squares), 1, training.cnn.features))
        described = training.cnn.describe(squares, np.arange(len(squares)))
        fill({"pixels": pixels}, ({"pixels": found} for found in described))
        pixels.flush()
    files.write_weights(paths.Joint.CNN, weights, {"backbone": backbone, "side": training.cnn.side})


def _write_text(training: Training, name: str, recipes: RecipeFeatures) -> None:
    """Write the best text encoder and its vectors of all lines; where there is none, leave none behind."""
    for path in (
        paths.Joint.TEXT,
        paths.Joint.TEXT.with_suffix(".json"),
        paths.Joint.VECTORS,
        paths.Joint.LINES,
    ):
        path.unlink(missing_ok=True)
    if not (encoder := training.text):
        return
    weights = under(TEXT, training.best)
    encoder.model.load_state_dict(weights)
    sizes = training.model.sizes
    read = {"instructions": (paths.Joint.VECTORS, sizes.sentence), "lines": (paths.Joint.LINES, sizes.lines)}
    _write_vectors(encoder, recipes, {part: path for part, (path, size) in read.items() if size})
    files.write_weights(paths.Joint.TEXT, weights, {"model": name})


def _write_vectors(encoder: TextEncoder, recipes: RecipeFeatures, places: dict[str, Path]) -> None:
    """Write the vectors of all recipes' `instructions` and `lines`, each where it belongs."""
    with ExitStack() as parts:
        arrays = {}
        for name, path in places.items():
            shape = int(getattr(recipes, name).offsets[-1]), encoder.size
            arrays[name] = new_array(parts.enter_context(files.atomic(path)), np.float16, shape)
        blocks = encoder.describe(recipes, np.arange(len(recipes.categories)))
        fill(arrays, ({name: getattr(block, name).vectors for name in arrays} for block in blocks))
        for array in arrays.values():
            array.flush()


def _lead(training: Training, states: Iterator[dict[str, Any]], checkpoint: Path) -> None:
    """Train as the first process, which alone tells and writes."""
    for state in tabulate(states, lambda _: _cells(training)):
        checkpoints.save(checkpoint, state)
        if training.interrupted:
            raise SejeError("joint: stopped by SIGTERM, all is saved: the same command goes on from here")
        say_collapse(training.history[-1])


def _config(model: JointModel, joint: JointSettings) -> dict[str, object]:
    """What rebuilds the model, and what its features are of: pixels, categories, a hash of the terms."""
    return {
        "format": artefacts.FORMAT,
        "sizes": model.config(),
        "pixels": joint.pixels,
        "text": joint.text,
        "categories": artefacts.category_names(),
        "vocabulary": artefacts.vocabulary(),
        "versions": {"seje": version("seje"), "torch": str(torch.__version__)},
    }


def _metrics(training: Training, train: int, val: int) -> dict[str, object]:
    best = max(training.history, key=lambda epoch: epoch["score"])
    kept = {name: best[name] for name in ("epoch", "loss", "score", *METRICS)}
    return {"train_pairs": train, "val_pairs": val, "epochs": len(training.history), "val": kept}


def _cells(training: Training) -> dict[str, str]:
    epoch = training.history[-1]
    shown = {name: f"{epoch[name]:.4g}" for name in ("epoch", "loss", "MedR", "R@1", "R@10", DISTANCE, "lr")}
    return {**shown, "pairs/s": f"{training.speed:.0f}"}
