"""Stage `joint`: phase II, the joint embedding of recipes and photos."""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from lightning_fabric import Fabric

from seje.data.arrays import new_array
from seje.data.recipe_text import TEXT as COLUMNS
from seje.errors import SejeError
from seje.joint import text as texts_along
from seje.joint.cnn import Cnn, start
from seje.joint.collapse import COLLAPSED, DISTANCE
from seje.joint.settings import JointSettings, LossSettings
from seje.joint.text import TextEncoder
from seje.joint.training import CNN, TEXT, Training
from seje.joint.validation import scoring
from seje.photos.store import Photos
from seje.progress import say, tabulate
from seje.retrieval.names import METRICS
from seje.towers.features import RecipeFeatures
from seje.towers.joint_model import JointModel, ModelSizes
from seje.towers.texts import Texts
from seje.vision.transforms import Squares
from seje.workspace import artefacts, checkpoints, files, paths


def run(joint: JointSettings, loss: LossSettings) -> None:
    """Train, or go on where a killed run stopped; keep the weights that are best on the val partition."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    fabric = _fabric(joint)
    fabric.launch()
    recipes, photos = artefacts.recipe_features(joint.reads_lines), artefacts.photo_features()
    train, val = (artefacts.partition_pairs(photos, name) for name in ("train", "val"))
    if len(train) < 2 or not len(val):
        raise SejeError(f"joint: {len(train)} train and {len(val)} val recipes have a photo; needs 2 and 1")
    if not (joint.terms or joint.instructions or joint.reads_lines or recipes.words.shape[2]):
        raise SejeError(
            "joint: no feature of recipes is left: set joint.terms, joint.instructions, joint.lines or "
            "ranking.words"
        )
    cnn, squares = _cnn(joint)
    text, recipes = _text(joint, recipes)
    sentence = text.size if text else recipes.instructions.vectors.shape[1]
    pixels = cnn.features if cnn else photos.pixels.shape[2]
    sizes = _sizes(joint, recipes, sentence, pixels, photos.labels.shape[1])
    _need_blocks(sizes)
    training = Training(sizes, joint, loss, fabric, cnn, text)
    settings: dict[str, Any] = {"joint": joint.model_dump(), "loss": loss.model_dump()}
    settings |= {"text": text.fingerprint()} if text else {}
    read = [*artefacts.FEATURES, *([paths.Categories.CLASSIFIER] if cnn else [])]
    checkpoint = paths.checkpoint("joint", checkpoints.fingerprint("joint", settings, read))
    if state := checkpoints.load(checkpoint):
        training.restore(state)
    photos = replace(photos, squares=squares)
    alone = artefacts.partition_rows("train") if loss.recipe else None
    score = scoring(recipes, photos, val, training.cnn, training.text)
    states = training.run(recipes, photos, train, score, alone)
    with checkpoints.on_sigterm(training.interrupt):
        if not fabric.is_global_zero:
            _follow(states)
        if state:
            say(f"joint: going on after epoch {len(training.history)}")
        _lead(training, states, checkpoint)
    _write_cnn(training, joint.pixels, squares)
    _write_text(training, joint.text, recipes)
    weights = {name: weight for name, weight in training.best.items() if not name.startswith((CNN, TEXT))}
    files.write_weights(paths.Joint.MODEL, weights, _config(training.model, joint))
    files.write_json(paths.Joint.EPOCHS, training.history)
    files.write_json(paths.metrics("joint"), _metrics(training, len(train), len(val)))
    checkpoints.remove(checkpoint)


def _fabric(joint: JointSettings) -> Fabric:
    """Devices and precision as set; under torchrun or SLURM as many processes as these have started."""
    started = os.environ.get("LOCAL_WORLD_SIZE") or os.environ.get("SLURM_NTASKS_PER_NODE")
    machines = os.environ.get("GROUP_WORLD_SIZE") or os.environ.get("SLURM_NNODES")
    devices = int(started) if started else joint.devices
    return Fabric(devices=devices, num_nodes=int(machines or 1), precision=joint.precision)


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
    weights = _best(training, CNN)
    training.cnn.backbone.model.load_state_dict(weights)
    with files.atomic(paths.Joint.PIXELS) as part:
        pixels = new_array(part, np.float16, (len(squares), 1, training.cnn.features))
        place = 0
        for found in training.cnn.describe(squares, np.arange(len(squares))):
            pixels[place : place + len(found)] = found
            place += len(found)
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
    weights = _best(training, TEXT)
    encoder.model.load_state_dict(weights)
    sizes = training.model.sizes
    read = {"instructions": (paths.Joint.VECTORS, sizes.sentence), "lines": (paths.Joint.LINES, sizes.lines)}
    _write_vectors(encoder, recipes, {part: path for part, (path, size) in read.items() if size})
    files.write_weights(paths.Joint.TEXT, weights, {"model": name})


def _write_vectors(encoder: TextEncoder, recipes: RecipeFeatures, places: dict[str, Path]) -> None:
    """Write the vectors of all recipes' `instructions` and `lines`, each where it belongs."""
    arrays, filled = {}, dict.fromkeys(places, 0)
    with ExitStack() as parts:
        for name, path in places.items():
            shape = int(getattr(recipes, name).offsets[-1]), encoder.size
            arrays[name] = new_array(parts.enter_context(files.atomic(path)), np.float16, shape)
        for block in encoder.describe(recipes, np.arange(len(recipes.categories))):
            for name, array in arrays.items():
                vectors = getattr(block, name).vectors
                array[filled[name] : filled[name] + len(vectors)] = vectors
                filled[name] += len(vectors)
        for array in arrays.values():
            array.flush()


def _best(training: Training, prefix: str) -> dict[str, torch.Tensor]:
    """The best weights of what is trained along under this prefix, without it."""
    best = training.best.items()
    return {name.removeprefix(prefix): weight for name, weight in best if name.startswith(prefix)}


def _lead(training: Training, states: Iterator[dict[str, Any]], checkpoint: Path) -> None:
    """Train as the first process, which alone tells and writes."""
    for state in tabulate(states, lambda _: _cells(training)):
        checkpoints.save(checkpoint, state)
        if training.interrupted:
            raise SejeError("joint: stopped by SIGTERM, all is saved: the same command goes on from here")
        _warn(training.history[-1])


def _follow(states: Iterator[dict[str, Any]]) -> NoReturn:
    """Train as one of the other processes, and end it; what stops it, the first one tells."""
    try:
        deque(states, maxlen=0)
    except SejeError:
        raise SystemExit(2) from None
    raise SystemExit(0)  # what is written, and what says so, is the first one's


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


def _sizes(
    joint: JointSettings, recipes: RecipeFeatures, sentence: int, pixels: int, labels: int
) -> ModelSizes:
    return ModelSizes(
        terms=recipes.terms.shape[2] * joint.terms,
        sentence=sentence * joint.instructions,
        lines=sentence * joint.reads_lines,
        words=recipes.words.shape[2],
        pixels=pixels,
        labels=labels * joint.categories,
        linear=joint.linear,
        linear_reads=joint.linear_reads,
        recipe=joint.recipe,
        recurrent=joint.recurrent,
        embedding=joint.embedding,
        categories=int(recipes.categories.max()) + 1,
        dropout=joint.dropout,
    )


def _need_blocks(sizes: ModelSizes) -> None:
    """Refuse a linear part of what the recipe tower does not read."""
    has = {"terms": sizes.terms, "words": sizes.words, "sentences": sizes.sentence or sizes.lines}
    if sizes.linear and (missing := [name for name in sizes.linear_reads if not has[name]]):
        raise SejeError(
            f"joint.linear_reads: {missing[0]} are no input here: leave them out, or set ranking.words, "
            "joint.terms, joint.instructions or joint.lines"
        )


def _metrics(training: Training, train: int, val: int) -> dict[str, object]:
    best = max(training.history, key=lambda epoch: epoch["score"])
    kept = {name: best[name] for name in ("epoch", "loss", "score", *METRICS)}
    return {"train_pairs": train, "val_pairs": val, "epochs": len(training.history), "val": kept}


def _cells(training: Training) -> dict[str, str]:
    epoch = training.history[-1]
    shown = {name: f"{epoch[name]:.4g}" for name in ("epoch", "loss", "MedR", "R@1", "R@10", DISTANCE, "lr")}
    return {**shown, "pairs/s": f"{training.speed:.0f}"}


def _warn(epoch: dict[str, float]) -> None:
    """Say in one line where all vectors of a side have come together."""
    if epoch[DISTANCE] < COLLAPSED:
        cure = "try a smaller joint.lr, or loss.negatives all"
        say(f"joint: the embedding has collapsed in epoch {epoch['epoch']:.0f}: its vectors are "
            f"{epoch[DISTANCE]:.1e} apart in the mean, nearly one: {cure}")  # fmt: skip
