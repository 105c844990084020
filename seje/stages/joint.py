"""Stage `joint`: phase II, the joint embedding of recipes and photos."""

import csv
import os
from collections import deque
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from seje import checkpoints, files, inputs, params, paths
from seje.errors import SejeError
from seje.joint.collapse import COLLAPSED, spread
from seje.joint.embedding import embed_photos, embed_recipes
from seje.joint.features import Pairs, PhotoFeatures, RecipeFeatures
from seje.joint.settings import LossSettings, Settings
from seje.joint.towers import JointModel, Sizes
from seje.joint.training import Score, Training
from seje.progress import say, tabulate
from seje.retrieval.protocol import mean_measures, ranked_draws

DRAWS, POOL, SEED = 10, 1000, 0  # of the validation that chooses the epoch, as in the released code


def run(joint: params.Joint, loss: params.Loss) -> None:
    """Train, or go on where a killed run stopped; keep the weights that are best on the val partition."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    fabric = _fabric(joint)
    fabric.launch()
    recipes, photos = inputs.recipe_features(joint.recipe), inputs.photo_features()
    train, val = (inputs.partition_pairs(photos, name) for name in ("train", "val"))
    if len(train) < 2 or not len(val):
        raise SejeError(f"joint: {len(train)} train and {len(val)} val recipes have a photo; needs 2 and 1")
    if not (joint.terms or joint.instructions or recipes.words.shape[1]):
        raise SejeError(
            "joint: no feature of recipes is left: set joint.terms, joint.instructions or ranking.words"
        )
    sizes = _sizes(joint, recipes, photos)
    training = Training(sizes, _settings(joint), LossSettings(**loss.model_dump()), fabric)
    settings = {"joint": joint.model_dump(), "loss": loss.model_dump()}
    checkpoint = paths.checkpoint("joint", checkpoints.fingerprint(settings, inputs.FEATURES))
    if state := checkpoints.load(checkpoint):
        training.restore(state)
    states = training.run(recipes, photos, train, _score(recipes, photos, val))
    with checkpoints.on_sigterm(training.interrupt):
        if not fabric.is_global_zero:
            return _follow(states)
        if state:
            say(f"joint: going on after epoch {len(training.history)}")
        _lead(training, states, checkpoint)
    files.write_weights(paths.Joint.MODEL, training.best, _config(training.model))
    files.write_json(paths.Joint.EPOCHS, training.history)
    files.write_json(paths.metrics("joint"), _metrics(training, len(train), len(val)))
    checkpoints.remove(checkpoint)


def _fabric(joint: params.Joint) -> Fabric:
    """Devices and precision as set; under torchrun or SLURM as many processes as these have started."""
    started = os.environ.get("LOCAL_WORLD_SIZE") or os.environ.get("SLURM_NTASKS_PER_NODE")
    machines = os.environ.get("GROUP_WORLD_SIZE") or os.environ.get("SLURM_NNODES")
    devices = int(started) if started else joint.devices
    return Fabric(devices=devices, num_nodes=int(machines or 1), precision=joint.precision)


def _lead(training: Training, states: Iterator[dict[str, Any]], checkpoint: Path) -> None:
    """Train as the first process, which alone tells and writes."""
    for state in tabulate(states, lambda _: _cells(training)):
        checkpoints.save(checkpoint, state)
        if training.interrupted:
            raise SejeError("joint: stopped by SIGTERM, all is saved: the same command goes on from here")
        _warn(training.history[-1])


def _follow(states: Iterator[dict[str, Any]]) -> None:
    """Train as one of the other processes; what stops it, the first one tells."""
    try:
        deque(states, maxlen=0)
    except SejeError:
        raise SystemExit(2) from None


def _config(model: JointModel) -> dict[str, object]:
    """What rebuilds the model, and what its features are of: categories, and a hash of the terms."""
    with files.need(paths.Categories.CLASSES, "categories").open(encoding="utf-8") as lines:
        categories = [line["name"] for line in csv.DictReader(lines)]
    return {
        "sizes": model.config(),
        "categories": categories,
        "vocabulary": inputs.vocabulary(),
        "versions": {"seje": version("seje"), "torch": str(torch.__version__)},
    }


def _sizes(joint: params.Joint, recipes: RecipeFeatures, photos: PhotoFeatures) -> Sizes:
    return Sizes(
        terms=recipes.terms.shape[1] * joint.terms,
        sentence=recipes.instructions.vectors.shape[1] * joint.instructions,
        words=recipes.words.shape[1],
        pixels=photos.pixels.shape[2],
        labels=photos.labels.shape[1] * joint.categories,
        linear=joint.linear,
        recipe=joint.recipe,
        recurrent=joint.recurrent,
        embedding=joint.embedding,
        categories=int(recipes.categories.max()) + 1,
        dropout=joint.dropout,
        drop=joint.drop,
    )


def _settings(joint: params.Joint) -> Settings:
    return Settings(**joint.model_dump(include=set(Settings.__dataclass_fields__)))


def _score(recipes: RecipeFeatures, photos: PhotoFeatures, val: Pairs) -> Score:
    """Retrieval of the val pairs: R@1 + 0.8 R@5 + 0.6 R@10, mean of both directions."""

    def score(model: JointModel) -> dict[str, float]:
        of_photos = embed_photos(model, photos, val.first)
        of_recipes = embed_recipes(model, recipes, val.recipes)
        found = mean_measures(ranked_draws(of_photos, of_recipes, POOL, DRAWS, SEED))
        trained = slice(model.sizes.embedding)  # beside a linear part, which cannot collapse
        spreads = [spread(vectors[:, trained]) for vectors in (of_photos, of_recipes)]
        both = {name: sum(way[name] for way in found.values()) / 2 for name in found["image_to_recipe"]}
        return {"score": both["R@1"] + 0.8 * both["R@5"] + 0.6 * both["R@10"], **both, "spread": min(spreads)}

    return score


def _metrics(training: Training, train: int, val: int) -> dict[str, object]:
    best = max(training.history, key=lambda epoch: epoch["score"])
    kept = {name: best[name] for name in ("epoch", "loss", "score", "MedR", "R@1", "R@5", "R@10")}
    return {"train_pairs": train, "val_pairs": val, "epochs": len(training.history), "val": kept}


def _cells(training: Training) -> dict[str, str]:
    epoch = training.history[-1]
    shown = {name: f"{epoch[name]:.4g}" for name in ("epoch", "loss", "MedR", "R@1", "R@10", "spread", "lr")}
    return {**shown, "pairs/s": f"{training.speed:.0f}"}


def _warn(epoch: dict[str, float]) -> None:
    """Say in one line where all vectors of a side have come together."""
    if epoch["spread"] < COLLAPSED:
        cure = "try a smaller joint.lr, or loss.negatives all"
        say(f"joint: the embedding has collapsed in epoch {epoch['epoch']:.0f}: its spread is "
            f"{epoch['spread']:.1e}, all vectors of a side are nearly one: {cure}")  # fmt: skip
