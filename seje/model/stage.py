"""Stage `model`: everything that embeds a photo or a recipe, in one folder that needs nothing else."""

import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from seje.categories.label_vectors import label_table
from seje.data.sentence_transformer import open_model, save_model
from seje.images.settings import ImagesSettings
from seje.model.calibration import TRAIN, VAL, bank_part
from seje.model.card import card
from seje.model.folder import BACKBONE, CARD, ENCODER, FACTS, RATER, TRANSFORMER, facts
from seje.model.model import Model
from seje.model.settings import ModelSettings
from seje.ranking.settings import RankingSettings
from seje.text import vectors
from seje.text.vectors import WordVectors
from seje.towers.embedding import embed_recipes
from seje.vision.names import SENTENCE, is_onnx, is_sentence
from seje.workspace import artefacts, files, paths


def run(model: ModelSettings, ranking: RankingSettings, images: ImagesSettings, source: str) -> None:
    """Gather the parts that the towers read and their bank; then what says what they are, card and size.

    All of it takes the older folder's place at once.
    """
    towers = files.read_json(paths.Joint.MODEL.with_suffix(".json"), "joint")
    about = {
        "dimensions": towers["sizes"]["embedding"] + towers["sizes"]["linear"],
        "photos": {"size": images.size, "quality": images.quality},
        "licence": model.licence,
        "source": Path(source).name if Path(source).is_absolute() else source,
    }
    with files.atomic(paths.Model.FOLDER) as folder:
        folder.mkdir()
        _write_parts(folder, towers, ranking)
        _say(folder, about)
        _write_bank(folder)
        said = _say(folder, about)
        size = sum((folder / name).stat().st_size for name in (*said["files"], FACTS))
        (folder / CARD).write_text(_card(said, size), encoding="utf-8")
    files.write_json(paths.metrics("model"), {"bytes": size, "files": len(said["files"]) + 1})


def _say(folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write what the folder is, by what lies there now; returns it."""
    said = facts(folder, version("seje"), about)
    files.write_json(folder / FACTS, said)
    return said


def _write_bank(folder: Path) -> None:
    """Write what judges questions: the rest of the model, which lies there, is asked with val's titles."""
    model, photos = Model(folder), artefacts.joint_photos()
    train, val = (
        artefacts.partition_pairs(photos, name).spread(most)
        for name, most in (("train", TRAIN), ("val", VAL))
    )
    recipes = embed_recipes(model.towers, artefacts.joint_recipes(), train.recipes)
    titles = files.read_table(paths.Corpus.RECIPES, "corpus", ["title"])["title"].take(val.recipes)
    tensors = bank_part(model, photos, (train.first, recipes), (val.first, titles.to_pylist()))
    files.write_weights(folder / "bank.safetensors", tensors, {"train": len(train), "val": len(val)})


def _write_parts(folder: Path, towers: dict[str, Any], ranking: RankingSettings) -> None:
    """Write each part that the towers read; `towers` is what their JSON says."""
    sizes, along = towers["sizes"], towers["pixels"] != artefacts.CACHED
    _copy(paths.Joint.MODEL, folder / "towers", "joint")
    if along:
        _copy(paths.Joint.CNN, folder / "cnn", "joint")
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    if sizes["labels"] or not along:
        _write_classifier(folder, words)
    if sizes["terms"]:
        _copy(paths.Keyterms.TAGGER, folder / "tagger", "keyterms")
        _write_terms(folder, ranking)
    if sizes["words"]:
        _copy(paths.Ranking.WORD_SPACE, folder / "words", "ranking")
    reads_sentences = sizes["sentence"] or sizes["lines"]
    encoder = _write_sentences(folder, towers["text"]) if reads_sentences else None
    if sizes["terms"] or encoder == "mean":
        matrix = {"matrix": _tensor(words.matrix)}
        files.write_weights(folder / "vectors.safetensors", matrix, {"words": list(words.rows)})


def _copy(weights: Path, part: Path, stage: str) -> None:
    """Copy a part's weights and config."""
    for path in (weights, weights.with_suffix(".json")):
        shutil.copyfile(files.need(path, stage), part.with_suffix(path.suffix))


def _write_classifier(folder: Path, words: WordVectors) -> None:
    """Write the photo classifier, its backbone if that comes ready, and the vectors of its labels."""
    weights, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    table, _ = label_table(words, config["classes"])
    if is_onnx(backbone := config["backbone"]):
        shutil.copyfile(files.need(Path(backbone), "categories"), folder / BACKBONE)
        config["backbone"] = BACKBONE
    elif is_sentence(backbone):
        _save_transformer(backbone.removeprefix(SENTENCE), folder / ENCODER)
        config["backbone"] = SENTENCE + ENCODER
    files.write_weights(folder / "classifier.safetensors", weights | {"label_table": _tensor(table)}, config)


def _write_terms(folder: Path, ranking: RankingSettings) -> None:
    """Write the IDF, and how terms are rated and made a feature."""
    table = files.read_table(paths.Ranking.IDF, "ranking")
    settings = ranking.model_dump(exclude={"words"})
    if ranking.method == "bert":
        _save_transformer(str(ranking.model), folder / RATER)
        settings["model"] = RATER
    idf = {"idf": _tensor(table["idf"].to_numpy())}
    config = {"terms": table["term"].to_pylist(), "rating": settings}
    files.write_weights(folder / "terms.safetensors", idf, config)


def _write_sentences(folder: Path, text: str) -> str:
    """Write the sentence encoder, of the name `text` where it was trained along; gives its kind."""
    if text != artefacts.CACHED:
        return _write_trained(folder, text)
    weights, config = files.read_weights(paths.Instructions.ENCODER, "instructions")
    if config["encoder"] == "pretrained":
        _save_transformer(config["model"], folder / TRANSFORMER)
        config["model"] = TRANSFORMER
    files.write_weights(folder / "sentences.safetensors", weights, config)
    return str(config["encoder"])


def _write_trained(folder: Path, name: str) -> str:
    """Write a sentence-transformers model as it was trained along; gives the encoder's kind."""
    weights, _ = files.read_weights(paths.Joint.TEXT, "joint")
    model = open_model(name).float()
    model.load_state_dict(weights)
    save_model(model, folder / TRANSFORMER)
    config = {"encoder": "pretrained", "model": TRANSFORMER}
    files.write_weights(folder / "sentences.safetensors", {}, config)
    return config["encoder"]


def _save_transformer(model: str, folder: Path) -> None:
    save_model(open_model(model), folder)


def _card(said: dict[str, Any], size: int) -> str:
    metrics = {stage: files.read_json(paths.metrics(stage), stage) for stage in ("corpus", "images", "joint")}
    return card(said["about"], said["fingerprint"], size, metrics)


def _tensor(array: Any) -> Any:
    import torch

    return torch.from_numpy(np.array(array))
