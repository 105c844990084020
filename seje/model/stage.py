"""Stage `model`: everything that embeds a photo or a recipe, in one folder that needs nothing else."""

import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from seje.categories.label_vectors import label_table
from seje.images.settings import ImagesSettings
from seje.model.card import card
from seje.model.folder import BACKBONE, CARD, FACTS, RATER, TRANSFORMER, facts
from seje.model.settings import ModelSettings
from seje.ranking.settings import RankingSettings
from seje.text import vectors
from seje.text.vectors import WordVectors
from seje.workspace import files, paths

FOLDER = paths.Model.FOLDER


def run(model: ModelSettings, ranking: RankingSettings, images: ImagesSettings, source: str) -> None:
    """Gather the parts that the towers read; then what says what they are, the card, and what they weigh."""
    files.clear(FOLDER, but=paths.made_of("model"))
    towers = files.read_json(paths.Joint.MODEL.with_suffix(".json"), "joint")
    sizes, along = towers["sizes"], towers["pixels"] != "cached"
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    _copy(paths.Joint.MODEL, "towers", "joint")
    if along:
        _copy(paths.Joint.CNN, "cnn", "joint")
    if sizes["labels"] or not along:
        _write_classifier(words)
    if sizes["terms"]:
        _copy(paths.Keyterms.TAGGER, "tagger", "keyterms")
        _write_terms(ranking)
        _write_vectors(words)
    if sizes["words"]:
        _copy(paths.Ranking.WORD_SPACE, "words", "ranking")
    if sizes["sentence"] or sizes["recipe"] == "transformer":
        _write_sentences(words, bool(sizes["terms"]))
    about = {
        "dimensions": sizes["embedding"] + sizes["linear"],
        "photos": {"size": images.size, "quality": images.quality},
        "licence": model.licence,
        "source": Path(source).name,
    }
    said = facts(FOLDER, version("seje"), about)
    files.write_json(FOLDER / FACTS, said)
    size = {path.name: path.stat().st_size for path in sorted(FOLDER.rglob("*")) if path.is_file()}
    metrics = {stage: files.read_json(paths.metrics(stage), stage) for stage in ("corpus", "images", "joint")}
    text = card(about, said["fingerprint"], sum(size.values()), metrics)
    with files.atomic(FOLDER / CARD) as part:
        part.write_text(text, encoding="utf-8")
    files.write_json(paths.metrics("model"), {"bytes": sum(size.values()), "files": len(size)})


def _copy(weights: Path, part: str, stage: str) -> None:
    """Copy a part's weights and config."""
    for path in (weights, weights.with_suffix(".json")):
        _copy_file(files.need(path, stage), FOLDER / f"{part}{path.suffix}")


def _copy_file(source: Path, target: Path) -> None:
    with files.atomic(target) as copy:
        shutil.copyfile(source, copy)


def _write_classifier(words: WordVectors) -> None:
    """Write the photo classifier, the file of its backbone if it is one, and the vectors of its labels."""
    weights, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    table, _ = label_table(words, config["classes"])
    if (backbone := Path(config["backbone"])).suffix == ".onnx":
        _copy_file(files.need(backbone, "categories"), FOLDER / BACKBONE)
        config["backbone"] = BACKBONE
    files.write_weights(FOLDER / "classifier.safetensors", weights | {"label_table": _tensor(table)}, config)


def _write_terms(ranking: RankingSettings) -> None:
    """Write the IDF, and how terms are rated and made a feature."""
    table = files.read_table(paths.Ranking.IDF, "ranking")
    settings = ranking.model_dump(exclude={"words"})
    if ranking.method == "bert":
        _copy_transformer(str(ranking.model), RATER)
        settings["model"] = RATER
    idf = np.asarray(table["idf"].to_pylist())
    config = {"terms": table["term"].to_pylist(), "rating": settings}
    files.write_weights(FOLDER / "terms.safetensors", {"idf": _tensor(idf)}, config)


def _write_vectors(words: WordVectors) -> None:
    matrix = {"matrix": _tensor(words.matrix)}
    files.write_weights(FOLDER / "vectors.safetensors", matrix, {"words": list(words.rows)})


def _write_sentences(words: WordVectors, have_vectors: bool) -> None:
    weights, config = files.read_weights(paths.Instructions.ENCODER, "instructions")
    if config["encoder"] == "mean" and not have_vectors:
        _write_vectors(words)
    if config["encoder"] == "minilm":
        _copy_transformer(config["model"], TRANSFORMER)
        config["model"] = TRANSFORMER
    files.write_weights(FOLDER / "sentences.safetensors", weights, config)


def _copy_transformer(model: str, name: str) -> None:
    from seje.instructions.pretrained import load_encoder

    load_encoder(model).save(FOLDER / name)


def _tensor(array: Any) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(array))
