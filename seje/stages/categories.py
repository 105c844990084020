"""Stage `categories`: recipe categories, the photo classifier, and what it says of every photo."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from numpy.lib.format import open_memmap

from seje import checkpoints, files, params, paths
from seje.data.store import Photos
from seje.errors import SejeError
from seje.progress import say, track
from seje.text import vectors as word_vectors
from seje.text.categories import Category, assign
from seje.text.features import BACKGROUND, label_table
from seje.text.tokens import entity_token
from seje.vision.backbones import ONNX_SIDE, is_onnx
from seje.vision.classifier import BATCH, Classifier, build, predict
from seje.vision.description import describe
from seje.vision.finetuning import FineTuning, Settings, fit_head
from seje.vision.labelled import Labelled, Listed, open_labelled, read_lists
from seje.vision.measures import calibration_error, confusion, top_accuracy
from seje.vision.transforms import Squares, crop_side

CONFUSED = 2000  # photos whose labels are plotted at most: git holds them
PHOTOS = pa.schema({"photo": pa.string(), "label": pa.string(), "probability": pa.float32()})

IntArray = npt.NDArray[np.int32]


class _Lesson(NamedTuple):
    """What the classifier learns: names of its labels, labelled photos, how many of them were left out."""

    labels: list[str]
    train: Labelled
    test: Labelled
    left_out: int


def run(categories: params.Categories) -> None:
    """Assign recipes, train the classifier (or go on where a killed run stopped), describe the photos."""
    store = Photos(files.need(paths.Images.PHOTOS, "images"))
    vectors = word_vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    listed = read_lists(Path(categories.labelled)) if categories.labelled else None
    found, category = _recipes(categories, store, listed)
    side = ONNX_SIDE if is_onnx(categories.backbone) else store.size
    squares = Squares(store.decode, len(store), side, cache_bytes=0)
    if listed:
        lesson = _labelled_folder(listed, store.size, side, str(categories.labelled))
    else:
        lesson = _own_photos(store, squares, found, category)
    torch.manual_seed(categories.seed)
    crop = side if is_onnx(categories.backbone) else crop_side(side)
    network = (categories.backbone, categories.weights, len(lesson.labels), crop, categories.precision)
    classifier = build(*network)
    checkpoint = paths.checkpoint("categories", _fingerprint(categories, listed))
    _train(classifier, categories, lesson, checkpoint)
    unknown = _describe(classifier, categories, store, squares, lesson.labels, vectors)
    config = {"backbone": categories.backbone, "classes": lesson.labels, "size": side, "crop": crop}
    config |= {"precision": categories.precision, "features": classifier.backbone.features}
    config |= {"views": categories.views, "soft": categories.soft}
    files.write_weights(paths.Categories.CLASSIFIER, classifier.weights(), config)
    files.write_json(
        paths.metrics("categories"),
        _measure(classifier, lesson)
        | {"classes": len(found) - 1, "background_share": float((category == 0).mean())}
        | {"photos_without_label_vector": unknown, "labelled_left_out": lesson.left_out},
    )
    checkpoints.remove(checkpoint)


def _recipes(
    categories: params.Categories, store: Photos, listed: Listed | None
) -> tuple[list[Category], IntArray]:
    """Find the categories and that of each recipe; writes both."""
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "partition", "title"])
    with_photo = np.zeros(table.num_rows, dtype=bool)
    with_photo[store.recipes] = True
    found, category = assign(
        table["title"].to_pylist(),
        table["partition"].to_pylist(),
        with_photo,
        listed.classes if listed else [],
        categories.candidates,
        categories.max_classes,
        categories.min_train,
    )
    files.write_table(paths.Categories.RECIPES, pa.table({"id": table["id"], "category": category}))
    with files.atomic(paths.Categories.CLASSES) as part:
        lines = [
            f"{number},{entry.name},{entry.train},{entry.val},{entry.test}"
            for number, entry in enumerate(found)
        ]
        part.write_text("\n".join(["category,name,train,val,test", *lines, ""]), encoding="utf-8")
    return found, category


def _labelled_folder(listed: Listed, stored: int, side: int, folder: str) -> _Lesson:
    train, bad_train = open_labelled(listed.train, stored, side)
    test, bad_test = open_labelled(listed.test, stored, side)
    if len(train) < 2 or not len(test):
        raise SejeError(
            f"{folder}: {len(train)} train and {len(test)} test photos can be read; needs 2 and 1"
        )
    return _Lesson(listed.classes, train, test, bad_train + bad_test)


def _own_photos(store: Photos, squares: Squares, found: list[Category], category: IntArray) -> _Lesson:
    """The corpus's own photos: those of train recipes in a category to learn from, of val recipes to test."""
    labels = category[store.recipes].astype(np.int64) - 1
    parts = [np.flatnonzero((labels >= 0) & (store.partitions == part)) for part in ("train", "val")]
    if len(parts[0]) < 2:
        say("categories: no recipe category has enough photos; all are background, and nothing is trained")
        nothing = Labelled(squares, parts[0][:0], labels[:0])
        return _Lesson([BACKGROUND], nothing, nothing, 0)
    train, val = (Labelled(squares, rows, labels[rows]) for rows in parts)
    return _Lesson([entity_token(entry.name) for entry in found[1:]], train, val, 0)


def _fingerprint(categories: params.Categories, listed: Listed | None) -> str:
    settings: dict[str, Any] = categories.model_dump()
    inputs = [paths.Images.PHOTOS, paths.Corpus.RECIPES]
    if listed:
        photos = [path for path, _ in listed.train + listed.test]
        settings["bytes"] = [path.stat().st_size if path.is_file() else 0 for path in photos]
        inputs += [
            Path(str(categories.labelled)) / f"meta/{part}.txt" for part in ("classes", "train", "test")
        ]
    if Path(categories.weights).is_file():
        inputs.append(Path(categories.weights))
    return checkpoints.fingerprint(settings, inputs)


def _train(classifier: Classifier, categories: params.Categories, lesson: _Lesson, checkpoint: Path) -> None:
    if not len(lesson.train):
        return
    if not classifier.trainable:
        fit_head(classifier, lesson.train, categories.balance)
        return
    settings = Settings(**categories.model_dump(include=set(Settings.__dataclass_fields__)))
    tuning = FineTuning(classifier, settings)
    if state := checkpoints.load(checkpoint):
        tuning.restore(state)
        say(f"categories: going on after epoch {tuning.epoch}")
    for state in tuning.run(lesson.train):
        checkpoints.save(checkpoint, state)
        say(f"epoch {state['epoch']}: loss {state['loss']:.4g}")


def _describe(
    classifier: Classifier,
    categories: params.Categories,
    store: Photos,
    squares: Squares,
    labels: list[str],
    vectors: word_vectors.Vectors,
) -> int:
    """Write features, label and label vector of every photo; returns how many labels have no vector."""
    table, known = label_table(vectors, labels)
    total = start = 0
    with (
        files.atomic(paths.Categories.PIXELS) as pixels_part,
        files.atomic(paths.Categories.EMBEDDINGS) as embeddings_part,
        files.table_rows(paths.Categories.PHOTOS, PHOTOS) as append,
    ):
        shape = (len(store), categories.views, classifier.backbone.features)
        pixels = open_memmap(pixels_part, "w+", np.float16, shape)
        embeddings = open_memmap(embeddings_part, "w+", np.float32, (len(store), vectors.size))
        said = describe(classifier, squares, np.arange(len(store)), categories.views)
        for batch in track(said, f"batches of {BATCH} photos", -(-len(store) // BATCH)):
            label, best = batch.probabilities.argmax(1), batch.probabilities.max(1)
            rows = slice(start, start + len(label))
            pixels[rows] = batch.pixels
            embeddings[rows] = batch.label_vectors(table, categories.soft)
            total += int((~known[label]).sum())
            for photo, number, probability in zip(store.photos[rows], label, best, strict=True):
                append({"photo": str(photo), "label": labels[number], "probability": float(probability)})
            start = rows.stop
        pixels.flush()
        embeddings.flush()
    return total


def _measure(classifier: Classifier, lesson: _Lesson) -> dict[str, Any]:
    """Measure on the test photos, and write what is taken for what; without test photos all is null."""
    measures: dict[str, Any] = dict.fromkeys(("top1", "top5", "calibration_error"))
    confused: list[dict[str, str]] = []
    if len(lesson.test):
        found = predict(classifier, lesson.test), lesson.test.labels
        measures |= {f"top{k}": top_accuracy(*found, k) for k in (1, 5)}
        measures["calibration_error"] = calibration_error(*found)
        confused = confusion(*found, lesson.labels, CONFUSED)
    files.write_json(paths.Categories.CONFUSION, confused)
    return measures | {"labelled_train": len(lesson.train), "labelled_test": len(lesson.test)}
