"""Stage `joint`: phase II, the joint embedding of recipes and photos."""

import csv
from importlib.metadata import version

import torch

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
    recipes, photos = inputs.recipe_features(), inputs.photo_features()
    train, val = (inputs.partition_pairs(photos, name) for name in ("train", "val"))
    if len(train) < 2 or not len(val):
        raise SejeError(f"joint: {len(train)} train and {len(val)} val recipes have a photo; needs 2 and 1")
    if not (joint.terms or joint.instructions or recipes.words.shape[1]):
        raise SejeError(
            "joint: no feature of recipes is left: set joint.terms, joint.instructions or ranking.words"
        )
    training = Training(_sizes(joint, recipes, photos), _settings(joint), LossSettings(**loss.model_dump()))
    settings = {"joint": joint.model_dump(), "loss": loss.model_dump()}
    checkpoint = paths.checkpoint("joint", checkpoints.fingerprint(settings, inputs.FEATURES))
    if state := checkpoints.load(checkpoint):
        training.restore(state)
        say(f"joint: going on after epoch {len(training.history)}")
    score = _score(recipes, photos, val)
    with checkpoints.on_sigterm(training.interrupt):
        for state in tabulate(training.run(recipes, photos, train, score), lambda _: _cells(training)):
            checkpoints.save(checkpoint, state)
            if training.interrupted:
                raise SejeError("joint: stopped by SIGTERM, all is saved: the same command goes on from here")
            _warn(training.history[-1])
    files.write_weights(paths.Joint.MODEL, training.best, _config(training.model))
    files.write_json(paths.Joint.EPOCHS, training.history)
    files.write_json(paths.metrics("joint"), _metrics(training, len(train), len(val)))
    checkpoints.remove(checkpoint)


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
        sentence=recipes.sentences.shape[1] * joint.instructions,
        words=recipes.words.shape[1],
        pixels=photos.pixels.shape[2],
        labels=photos.labels.shape[1] * joint.categories,
        linear=joint.linear,
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
