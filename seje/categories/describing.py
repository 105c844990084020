"""What classifiers say of a shard of photos; the classifiers, as files that every worker can read.

P photos, V views, F features, K classes, D word vector.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.torch import load_file, save

from seje.categories.photo_features import Arrays, Form, write_features
from seje.data.arrays import new_array
from seje.photos.store import Photos
from seje.shards import manifest
from seje.shards.place import Place, Record
from seje.shards.work import Made, Notes, Task
from seje.vision.classifier import Classifier, Rows, rebuild
from seje.vision.description import Floats
from seje.vision.own_features import read_features
from seje.vision.transforms import Photographs, Squares

CONFIG, TABLE, TOLD_BY = "classifier.json", "table.npy", "told_by.npy"
PIXELS, EMBEDDINGS, TOLD = "pixels.npy", "embeddings.npy", "told.npy"  # files of a shard
LABEL = np.dtype([("label", np.int64), ("probability", np.float32)])


def _weights(number: int) -> str:
    return f"classifier-{number}.safetensors"


def save_classifiers(
    folder: Path,
    classifiers: Iterator[Classifier],
    told_by: Sequence[Rows],
    config: dict[str, Any],
    table: Floats,
    photos: int,
) -> Made:
    """Write classifiers one after another, and which of them tells the category of which photo.

    Args:
        folder: where to.
        classifiers: the one that describes all photos, then others.
        told_by: rows that each tells in place of the first; of the first, none.
        config: what rebuilds them, but for what the network says.
        table: [K, D], a vector for each class.
        photos: how many there are.
    """
    tells = np.zeros(photos, np.uint8)
    for number, (classifier, rows) in enumerate(zip(classifiers, told_by, strict=True)):
        (folder / _weights(number)).write_bytes(
            save({name: weight.contiguous().cpu() for name, weight in classifier.weights().items()})
        )
        tells[rows] = number
        config |= {"features": classifier.backbone.features}
    (folder / CONFIG).write_text(json.dumps(config))
    np.save(folder / TABLE, table)
    np.save(folder / TOLD_BY, tells)
    return Made({path.name: 0 for path in folder.iterdir()}, {"classifiers": len(told_by)})


@dataclass(frozen=True)
class Saved:
    """Classifiers that `save_classifiers` wrote."""

    place: Place
    record: Record

    def config(self) -> dict[str, Any]:
        """What rebuilds any of them."""
        return dict(json.loads(self._path(CONFIG).read_text()))

    def classifier(self, number: int) -> Classifier:
        """One of them; 0 describes all photos."""
        return rebuild(self.config(), load_file(self._path(_weights(number))))

    def array(self, name: str) -> npt.NDArray[Any]:
        """The table, or which of them tells which photo."""
        found: npt.NDArray[Any] = np.load(self._path(name), mmap_mode="r", allow_pickle=False)
        return found

    def _path(self, name: str) -> Path:
        return manifest.found(self.place, self.record.files[name])


class Describer:
    """Describes the photos of a shard.

    Args:
        saved: the classifiers.
        photos: the store, or its shards.
        form: how photos are looked at.
        features: the file of features of one's own, in place of photos.
    """

    def __init__(self, saved: Saved, photos: Path, form: Form, features: str | None) -> None:
        self._saved, self._photos, self._form = saved, photos, form
        self._side = saved.config()["size"]
        self._first = saved.classifier(0)
        self._features = read_features(Path(features)) if features else None
        rows = manifest.rows_of_parts(photos) or [len(Photos(photos))]
        self._starts = np.cumsum([0, *rows])

    def reads(self, task: Task) -> str:
        """Nothing but shards and what the stage's settings name."""
        return ""

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write pixel features, the categories' word vectors, and what is told."""
        photos = self._given(Photos(manifest.part(self._photos, task.number)))
        start, end = self._starts[task.number : task.number + 2]
        told_by, table = self._saved.array(TOLD_BY)[start:end], self._saved.array(TABLE)
        count = int(end - start)
        pixels = new_array(
            folder / PIXELS, np.float16, (count, self._form.views, self._first.backbone.features)
        )
        embeddings = new_array(folder / EMBEDDINGS, np.float32, (count, table.shape[1]))
        arrays = Arrays(pixels, embeddings)
        found = write_features(arrays, self._first, self._others(told_by), photos, table, self._form)
        pixels.flush()
        embeddings.flush()
        told = np.empty(count, LABEL)
        told["label"], told["probability"] = found
        np.save(folder / TOLD, told)
        return Made({PIXELS: count, EMBEDDINGS: count, TOLD: count}, {})

    def _given(self, store: Photos) -> Photographs:
        if self._features:
            return self._features.of(store.photos.tolist())
        return Squares(store.decode, len(store), self._side, cache_bytes=0)

    def _others(self, told_by: npt.NDArray[np.uint8]) -> Iterator[tuple[Classifier, Rows]]:
        """The other classifiers, each when it is its turn, with the photos that it tells."""
        for number in range(1, self._saved.record.counts["classifiers"]):
            if len(rows := np.flatnonzero(told_by == number)):
                yield self._saved.classifier(number), rows
