"""Stage `categories`: recipe categories, the photo classifier, and what it says of every photo."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from seje.categories import assignment, crossfit
from seje.categories.accuracy import calibration_error, confusion, predict, top1_by_partition, top_accuracy
from seje.categories.assignment import COLUMNS, Assignment
from seje.categories.crossfit import Part
from seje.categories.describing import EMBEDDINGS, PIXELS, TOLD, Describer, Saved, save_classifiers
from seje.categories.label_vectors import BACKGROUND, label_table
from seje.categories.labelled import PhotoLists, read_lists
from seje.categories.photo_features import Told
from seje.categories.photo_input import PhotoInput
from seje.categories.settings import CategoriesSettings
from seje.categories.training_photos import TrainingPhotos, own_photos
from seje.photos.store import Photos
from seje.shards import manifest
from seje.shards.settings import ClusterSettings
from seje.shards.work import Made
from seje.text import vectors as word_vectors
from seje.text.tokens import entity_token
from seje.vision.classifier import Classifier
from seje.vision.description import is_told
from seje.vision.own_features import read_features
from seje.vision.transforms import Photographs
from seje.workspace import checkpoints, files, paths
from seje.workspace.sharding import LOCAL, Sharded

TRAINED, DESCRIBED = "trained", "described"  # pieces of work
CONFUSED = 2000  # photos whose labels are plotted at most: git holds them


def run(categories: CategoriesSettings, cluster: ClusterSettings = LOCAL) -> None:
    """Assign recipes, train the classifier (or go on where a killed run stopped), describe the photos."""
    store, given = _opened(categories)
    words = word_vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    listed = read_lists(Path(categories.labelled)) if categories.labelled else None
    recipes = files.read_table(paths.Corpus.RECIPES, "corpus", COLUMNS)
    assigned = _assign(categories, recipes, store, listed)
    photos = given.of(store)
    lesson = given.labelled(listed) if listed else _own(store, photos, assigned)
    table, known = label_table(words, lesson.labels)
    split = crossfit.parts(lesson.train, not listed, categories.head_alone, categories.seed)
    settings, inputs = _known(categories, listed)
    checkpoint = paths.checkpoint("categories", checkpoints.fingerprint("categories", settings, inputs))
    sharded = Sharded("categories", settings, inputs, cluster)

    def train(folder: Path) -> Made:
        """Train the classifiers, and save them for those who describe."""
        classifiers = _trained(given, lesson, split, checkpoint)
        told_by, config = [part.told for part in split], _config(lesson.labels, given)
        return save_classifiers(folder, classifiers, told_by, config, table, len(store))

    saved = Saved(sharded.place(TRAINED), sharded.once(TRAINED, train))
    found = _describe(sharded, saved, given)
    own = {} if listed else _own_accuracy(found, lesson, assigned, store)
    labels = _write_labels(store.photos, found, lesson.labels, categories.confidence)
    if categories.refine and lesson.labels != [BACKGROUND]:
        assigned = assignment.refined(assigned, recipes, store.recipes, labels.to_pylist())
    _write_recipes(recipes["id"], assigned)
    classifier = saved.classifier(0)
    files.write_weights(paths.Categories.CLASSIFIER, classifier.weights(), saved.config())
    measured = _measure(classifier, lesson, given.form.views) | own
    measured |= _counted(assigned, found, known, categories.confidence)
    files.write_json(paths.metrics("categories"), measured | {"labelled_left_out": lesson.left_out})
    for number in range(len(split)):
        checkpoints.remove(_of_part(checkpoint, number))
    sharded.done()


def _describe(sharded: Sharded, saved: Saved, given: PhotoInput) -> Told:
    """Have all photos described, shard by shard; the likeliest class of each."""
    describe = partial(Describer, saved, paths.Images.PHOTOS, given.form, given.settings.features)
    records = sharded.make(DESCRIBED, describe, "gpu", "photos described")
    sharded.take(paths.Categories.PIXELS, DESCRIBED, records, PIXELS)
    sharded.take(paths.Categories.EMBEDDINGS, DESCRIBED, records, EMBEDDINGS)
    told = np.concatenate(list(sharded.arrays(DESCRIBED, records, TOLD)))
    return Told(told["label"], told["probability"])


def _opened(categories: CategoriesSettings) -> tuple[Photos, PhotoInput]:
    """Open photos and features; what cannot be had of the network is said before any work."""
    store = Photos(files.need(paths.Images.PHOTOS, "images"))
    features = read_features(Path(categories.features)) if categories.features else None
    given = PhotoInput(categories, features, store.size)
    given.classifier(1)
    return store, given


def _assign(
    categories: CategoriesSettings, recipes: Any, store: Photos, listed: PhotoLists | None
) -> Assignment:
    if paths.Corpus.CLASSES.exists():
        return assignment.read(paths.Corpus.CLASSES, recipes)
    rule = categories.candidates, categories.max_classes, categories.min_train
    return assignment.built(recipes, store.recipes, listed.classes if listed else [], *rule)


def _own(store: Photos, photos: Photographs, assigned: Assignment) -> TrainingPhotos:
    names = [entity_token(entry.name) for entry in assigned.found[1:]]
    recipes = store.recipes.astype(np.int64)
    category = assigned.category[recipes].astype(np.int64)
    return own_photos(photos, store.partitions, recipes, category, names, BACKGROUND)


def _known(categories: CategoriesSettings, listed: PhotoLists | None) -> tuple[dict[str, Any], list[Path]]:
    """What the stage's result follows from: settings, sizes of labelled photos, and files."""
    settings: dict[str, Any] = categories.model_dump()
    inputs = [paths.Images.PHOTOS, paths.Corpus.RECIPES, paths.Corpus.CLASSES]
    inputs += [Path(name) for name in (categories.weights, categories.backbone, categories.features) if name]
    if listed:
        photos = [path for path, _ in listed.train + listed.test]
        settings["bytes"] = [path.stat().st_size if path.is_file() else 0 for path in photos]
        meta = Path(str(categories.labelled)) / "meta"
        inputs += [meta / f"{part}.txt" for part in ("classes", "train", "test")]
    folders = [path for path in inputs if path.is_dir()]
    inputs += sorted(path for folder in folders for path in folder.glob("*") if path.is_file())
    return settings, [path for path in inputs if manifest.stands_for(path).is_file()]


def _trained(
    given: PhotoInput, lesson: TrainingPhotos, split: list[Part], checkpoint: Path
) -> Iterator[Classifier]:
    """Train the classifier, and then one for each fold, when it is asked for."""
    again = partial(given.classifier, len(lesson.labels))
    first = again()
    if not len(lesson.train):
        return iter([first])
    if given.settings.head_alone:
        return crossfit.fitted(first, lesson.train, split)

    def load(number: int) -> dict[str, Any] | None:
        """Load the state of a part's training."""
        return checkpoints.load(_of_part(checkpoint, number))

    def save(number: int, state: dict[str, Any]) -> None:
        """Save it."""
        checkpoints.save(_of_part(checkpoint, number), state)

    return crossfit.tuned(first, again, lesson.train, split, given.settings, load, save)


def _of_part(checkpoint: Path, number: int) -> Path:
    return checkpoint.with_stem(f"{checkpoint.stem}-{number}") if number else checkpoint


def _write_labels(photos: npt.NDArray[np.str_], found: Told, names: list[str], confidence: float) -> pa.Array:
    """Write name, label and probability of every photo; gives the labels, null where none is told."""
    told = is_told(found.probability, confidence)
    labels = pa.array(np.asarray(names)[found.label], pa.string(), mask=~told)
    columns = {"photo": pa.array(photos, pa.string()), "label": labels, "probability": found.probability}
    files.write_table(paths.Categories.PHOTOS, pa.table(columns))
    return labels


def _write_recipes(ids: pa.ChunkedArray, assigned: Assignment) -> None:
    """Write the category of every recipe, and the categories' names."""
    files.write_table(paths.Categories.RECIPES, pa.table({"id": ids, "category": assigned.category}))
    with files.atomic(paths.Categories.CLASSES) as part:
        assignment.write_names(assigned, part)


def _config(labels: list[str], given: PhotoInput) -> dict[str, Any]:
    """What rebuilds a classifier and says how it sees a photo; the network says how many features it has."""
    config: dict[str, Any] = {"backbone": given.backbone, "classes": labels, "size": given.sight.side}
    config |= {"crop": given.sight.crop, "precision": given.settings.precision}
    return config | {"features": None} | given.form._asdict()


def _counted(
    assigned: Assignment, found: Told, known: npt.NDArray[np.bool_], confidence: float
) -> dict[str, float]:
    """Count categories, and photos of which nothing is told, or by no word vector."""
    told = is_told(found.probability, confidence)
    return {
        "classes": len(assigned.found) - 1,
        "background_share": assigned.background_share(),
        "photos_without_label_vector": int((told & ~known[found.label]).sum()),
        "photos_not_told": int((~told).sum()),
    }


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
    found: Told, lesson: TrainingPhotos, assigned: Assignment, store: Photos
) -> dict[str, dict[str, float]]:
    """Measure on the corpus's own photos, where it is these that the classifier learnt from."""
    own = top1_by_partition(found.label, assigned.category[store.recipes], store.partitions)
    return {"own_top1": own} if own and len(lesson.train) else {}
