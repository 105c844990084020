"""Stage `categories`: recipe categories, the photo classifier, and what it says of every photo."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from seje.categories import assignment, crossfit
from seje.categories.accuracy import calibration_error, confusion, predict, top_accuracy
from seje.categories.assignment import COLUMNS, Assignment
from seje.categories.crossfit import Part
from seje.categories.label_vectors import BACKGROUND, label_table
from seje.categories.labelled import PhotoLists, read_lists
from seje.categories.photo_features import Arrays, Form, Told, write_features
from seje.categories.settings import CategoriesSettings
from seje.categories.training_photos import (
    TrainingPhotos,
    labelled_features,
    labelled_folder,
    own_photos,
)
from seje.data.records import PARTITIONS
from seje.photos.store import Photos
from seje.progress import say
from seje.text import vectors as word_vectors
from seje.text.tokens import entity_token
from seje.vision.classifier import Classifier, Rows, build, given_features
from seje.vision.description import Floats, is_told
from seje.vision.models import sight
from seje.vision.names import FEATURES
from seje.vision.own_features import read_features
from seje.vision.transforms import Photographs, Squares
from seje.workspace import checkpoints, files, paths

CONFUSED = 2000  # photos whose labels are plotted at most: git holds them


def run(categories: CategoriesSettings) -> None:
    """Assign recipes, train the classifier (or go on where a killed run stopped), describe the photos."""
    store = Photos(files.need(paths.Images.PHOTOS, "images"))
    features = read_features(Path(categories.features)) if categories.features else None
    frozen = categories.head_alone
    side, crop = (0, 0) if features else sight(categories.backbone, frozen, store.size)

    def fresh(classes: int) -> Classifier:
        """Make an untrained classifier, the same one every time."""
        torch.manual_seed(categories.seed)
        if features:
            return given_features(features.features, classes)
        return build(categories.backbone, categories.weights, classes, crop, categories.precision)

    fresh(1)  # before any work: what cannot be had is said at once
    vectors = word_vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    listed = read_lists(Path(categories.labelled)) if categories.labelled else None
    given = paths.Corpus.CLASSES
    recipes = files.read_table(paths.Corpus.RECIPES, "corpus", COLUMNS)
    assigned = _assign(categories, recipes, given, store, listed)
    squares: Photographs = Squares(store.decode, len(store), side, cache_bytes=0)
    if features:
        squares = features.of(store.photos.tolist())
    if listed and features:
        lesson = labelled_features(listed, features, Path(str(categories.labelled)))
    elif listed:
        lesson = labelled_folder(listed, store.size, side, str(categories.labelled))
    else:
        lesson = _own(store, squares, assigned)
    first = fresh(len(lesson.labels))
    split = crossfit.parts(lesson.train, not listed, frozen, categories.seed)
    inputs = [paths.Images.PHOTOS, paths.Corpus.RECIPES, *([given] if given.exists() else [])]
    checkpoint = paths.checkpoint("categories", _fingerprint(categories, listed, inputs))
    classifiers = _trained(first, fresh, categories, lesson, split, checkpoint)
    classifier = next(classifiers)
    others = zip(classifiers, (part.told for part in split[1:]), strict=True)
    table, known = label_table(vectors, lesson.labels)
    form = Form(features.views if features else categories.views, categories.soft, categories.confidence)
    found = _write_features(classifier, others, squares, table, form)
    told = is_told(found.probability, categories.confidence)
    labels = pa.array(np.asarray(lesson.labels)[found.label], pa.string(), mask=~told)
    files.write_table(paths.Categories.PHOTOS, _label_table(store.photos, labels, found.probability))
    own = {} if listed else _own_accuracy(found, lesson, assigned.category[store.recipes], store)
    if categories.refine and lesson.labels != [BACKGROUND]:
        assigned = assignment.refined(assigned, recipes, store.recipes, labels.to_pylist())
    files.write_table(
        paths.Categories.RECIPES, pa.table({"id": recipes["id"], "category": assigned.category})
    )
    with files.atomic(paths.Categories.CLASSES) as part:
        assignment.write_names(assigned, part)
    backbone = FEATURES if features else categories.backbone
    config = {"backbone": backbone, "classes": lesson.labels, "size": side, "crop": crop}
    config |= {"precision": categories.precision, "features": classifier.backbone.features}
    config |= form._asdict()
    files.write_weights(paths.Categories.CLASSIFIER, classifier.weights(), config)
    files.write_json(
        paths.metrics("categories"),
        _measure(classifier, lesson, form.views)
        | ({"own_top1": own} if own else {})
        | {"classes": len(assigned.found) - 1, "background_share": assigned.background_share()}
        | {"photos_without_label_vector": int((told & ~known[found.label]).sum())}
        | {"photos_not_told": int((~told).sum()), "labelled_left_out": lesson.left_out},
    )
    for number in range(len(split)):
        checkpoints.remove(_of_part(checkpoint, number))


def _assign(
    categories: CategoriesSettings, recipes: Any, given: Path, store: Photos, listed: PhotoLists | None
) -> Assignment:
    if given.exists():
        return assignment.read(given, recipes)
    rule = categories.candidates, categories.max_classes, categories.min_train
    return assignment.built(recipes, store.recipes, listed.classes if listed else [], *rule)


def _own(store: Photos, squares: Photographs, assigned: Assignment) -> TrainingPhotos:
    names = [entity_token(entry.name) for entry in assigned.found[1:]]
    recipes = store.recipes.astype(np.int64)
    category = assigned.category[recipes].astype(np.int64)
    lesson = own_photos(squares, store.partitions, recipes, category, names, BACKGROUND)
    if lesson.labels == [BACKGROUND]:
        say(
            "categories: fewer than two categories or three recipes have photos in train: nothing is "
            "trained, and every photo is background"
        )
    return lesson


def _fingerprint(categories: CategoriesSettings, listed: PhotoLists | None, inputs: list[Path]) -> str:
    settings: dict[str, Any] = categories.model_dump()
    if listed:
        photos = [path for path, _ in listed.train + listed.test]
        settings["bytes"] = [path.stat().st_size if path.is_file() else 0 for path in photos]
        meta = Path(str(categories.labelled)) / "meta"
        inputs = [*inputs, *(meta / f"{part}.txt" for part in ("classes", "train", "test"))]
    if Path(categories.weights).is_file():
        inputs = [*inputs, Path(categories.weights)]
    return checkpoints.fingerprint("categories", settings, inputs)


def _trained(
    first: Classifier,
    fresh: Callable[[int], Classifier],
    categories: CategoriesSettings,
    lesson: TrainingPhotos,
    split: list[Part],
    checkpoint: Path,
) -> Iterator[Classifier]:
    """Train the classifier, and then one for each fold, when it is asked for."""
    if not len(lesson.train):
        return iter([first])
    if categories.head_alone:
        return crossfit.fitted(first, lesson.train, split)
    again = partial(fresh, len(lesson.labels))

    def load(number: int) -> dict[str, Any] | None:
        """Load the state of a part's training."""
        return checkpoints.load(_of_part(checkpoint, number))

    def save(number: int, state: dict[str, Any]) -> None:
        """Save it."""
        checkpoints.save(_of_part(checkpoint, number), state)

    return crossfit.tuned(first, again, lesson.train, split, categories, load, save)


def _of_part(checkpoint: Path, number: int) -> Path:
    return checkpoint.with_stem(f"{checkpoint.stem}-{number}") if number else checkpoint


def _write_features(
    classifier: Classifier,
    others: Iterator[tuple[Classifier, Rows]],
    squares: Photographs,
    table: Floats,
    form: Form,
) -> Told:
    """Write what is said of every photo into files that replace older ones once they are whole."""
    with (
        files.atomic(paths.Categories.PIXELS) as pixels_part,
        files.atomic(paths.Categories.EMBEDDINGS) as embeddings_part,
    ):
        shape = (len(squares), form.views, classifier.backbone.features)
        pixels = files.new_array(pixels_part, np.float16, shape)
        embeddings = files.new_array(embeddings_part, np.float32, (len(squares), table.shape[1]))
        found = write_features(Arrays(pixels, embeddings), classifier, others, squares, table, form)
        pixels.flush()
        embeddings.flush()
    return found


def _label_table(photos: npt.NDArray[np.str_], labels: pa.Array, probability: Floats) -> pa.Table:
    """Lay out name, label and probability of every photo; null for the label where none is told."""
    return pa.table({"photo": pa.array(photos, pa.string()), "label": labels, "probability": probability})


def _measure(classifier: Classifier, lesson: TrainingPhotos, views: int) -> dict[str, Any]:
    """Measure on the test photos, and write what is taken for what; without test photos, the counts alone."""
    measures: dict[str, Any] = {}
    confused: list[dict[str, str]] = []
    if len(lesson.test):
        found = predict(classifier, lesson.test, views), lesson.test.labels
        measures |= {f"top{k}": top_accuracy(*found, k) for k in (1, 5)}
        measures["calibration_error"] = calibration_error(*found)
        confused = confusion(*found, lesson.labels, CONFUSED)
    files.write_json(paths.Categories.CONFUSION, confused)
    return measures | {"labelled_train": len(lesson.train), "labelled_test": len(lesson.test)}


def _own_accuracy(
    found: Told, lesson: TrainingPhotos, category: npt.NDArray[np.int32], store: Photos
) -> dict[str, float]:
    """Top-1 of the corpus's photos in a category, of each partition that has some: train's out of fold."""
    right = found.label == category - 1
    own = {part: (store.partitions == part) & (category > 0) for part in PARTITIONS}
    return {part: float(right[rows].mean()) for part, rows in own.items() if len(lesson.train) and rows.any()}
