"""Stage `categories`: recipe categories, the photo classifier, and what it says of every photo."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from seje import assignment, checkpoints, files, params, paths
from seje.assignment import Assignment
from seje.data.store import Photos
from seje.progress import say, track
from seje.text import vectors as word_vectors
from seje.text.features import BACKGROUND, label_table
from seje.text.tokens import entity_token
from seje.vision.backbones import ONNX_SIDE, is_onnx
from seje.vision.classifier import BATCH, Classifier, build, predict
from seje.vision.description import describe
from seje.vision.finetuning import FineTuning, Settings, fit_head
from seje.vision.labelled import Listed, read_lists
from seje.vision.lessons import Lesson, labelled_folder, own_photos
from seje.vision.measures import calibration_error, confusion, top_accuracy
from seje.vision.transforms import Squares, crop_side

CONFUSED = 2000  # photos whose labels are plotted at most: git holds them
PHOTOS = pa.schema({"photo": pa.string(), "label": pa.string(), "probability": pa.float32()})


def run(categories: params.Categories) -> None:
    """Assign recipes, train the classifier (or go on where a killed run stopped), describe the photos."""
    store = Photos(files.need(paths.Images.PHOTOS, "images"))
    vectors = word_vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    listed = read_lists(Path(categories.labelled)) if categories.labelled else None
    assigned = _assign(categories, paths.Corpus.CLASSES, store, listed)
    side = ONNX_SIDE if is_onnx(categories.backbone) else store.size
    squares = Squares(store.decode, len(store), side, cache_bytes=0)
    lesson = _lesson(listed, store, squares, assigned, str(categories.labelled))
    torch.manual_seed(categories.seed)
    crop = side if is_onnx(categories.backbone) else crop_side(side)
    network = (categories.backbone, categories.weights, len(lesson.labels), crop, categories.precision)
    classifier = build(*network)
    inputs = [
        paths.Images.PHOTOS,
        paths.Corpus.RECIPES,
        *([paths.Corpus.CLASSES] if paths.Corpus.CLASSES.exists() else []),
    ]
    checkpoint = paths.checkpoint("categories", _fingerprint(categories, listed, inputs))
    _train(classifier, categories, lesson, checkpoint)
    unknown = _describe(classifier, categories, store, squares, lesson.labels, vectors)
    if categories.refine and lesson.labels != [BACKGROUND]:
        assigned = assignment.refined(assigned, store.recipes)
    assignment.write(assigned)
    config = {"backbone": categories.backbone, "classes": lesson.labels, "size": side, "crop": crop}
    config |= {"precision": categories.precision, "features": classifier.backbone.features}
    config |= {"views": categories.views, "soft": categories.soft}
    files.write_weights(paths.Categories.CLASSIFIER, classifier.weights(), config)
    files.write_json(
        paths.metrics("categories"),
        _measure(classifier, lesson, categories.views)
        | {"classes": len(assigned.found) - 1, "background_share": assigned.background_share()}
        | {"photos_without_label_vector": unknown, "labelled_left_out": lesson.left_out},
    )
    checkpoints.remove(checkpoint)


def _assign(categories: params.Categories, given: Path, store: Photos, listed: Listed | None) -> Assignment:
    if given.exists():
        return assignment.read(given)
    rule = categories.candidates, categories.max_classes, categories.min_train
    return assignment.built(store.recipes, listed.classes if listed else [], *rule)


def _lesson(
    listed: Listed | None, store: Photos, squares: Squares, assigned: Assignment, folder: str
) -> Lesson:
    if listed:
        return labelled_folder(listed, store.size, squares.size, folder)
    names = [entity_token(entry.name) for entry in assigned.found[1:]]
    of_photos = assigned.category[store.recipes]
    lesson = own_photos(squares, store.partitions, of_photos, names, BACKGROUND)
    if lesson.labels == [BACKGROUND]:
        say("categories: no recipe category has enough photos; all are background, and nothing is trained")
    return lesson


def _fingerprint(categories: params.Categories, listed: Listed | None, inputs: list[Path]) -> str:
    settings: dict[str, Any] = categories.model_dump()
    if listed:
        photos = [path for path, _ in listed.train + listed.test]
        settings["bytes"] = [path.stat().st_size if path.is_file() else 0 for path in photos]
        meta = Path(str(categories.labelled)) / "meta"
        inputs = [*inputs, *(meta / f"{part}.txt" for part in ("classes", "train", "test"))]
    if Path(categories.weights).is_file():
        inputs = [*inputs, Path(categories.weights)]
    return checkpoints.fingerprint("categories", settings, inputs)


def _train(classifier: Classifier, categories: params.Categories, lesson: Lesson, checkpoint: Path) -> None:
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
        pixels = files.new_array(pixels_part, np.float16, shape)
        embeddings = files.new_array(embeddings_part, np.float32, (len(store), vectors.size))
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


def _measure(classifier: Classifier, lesson: Lesson, views: int) -> dict[str, Any]:
    """Measure on the test photos, and write what is taken for what; without test photos all is null."""
    measures: dict[str, Any] = dict.fromkeys(("top1", "top5", "calibration_error"))
    confused: list[dict[str, str]] = []
    if len(lesson.test):
        found = predict(classifier, lesson.test, views), lesson.test.labels
        measures |= {f"top{k}": top_accuracy(*found, k) for k in (1, 5)}
        measures["calibration_error"] = calibration_error(*found)
        confused = confusion(*found, lesson.labels, CONFUSED)
    files.write_json(paths.Categories.CONFUSION, confused)
    return measures | {"labelled_train": len(lesson.train), "labelled_test": len(lesson.test)}
