"""The stage with features of one's own against the stage with the backbone that computed them."""

import json

import numpy as np
import pytest
import torch
from test_categories_stage import OUTPUTS, frozen, metrics, prepare

from seje.categories import stage as categories
from seje.categories.labelled import read_lists
from seje.errors import SejeError
from seje.photos.decoding import open_photo
from seje.photos.store import Photos
from seje.vision.classifier import build, classify
from seje.vision.transforms import Squares
from seje.workspace import files, paths


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    prepare(["Beef Stew", "Plum Cake"])
    return tmp_path


def features(squares, views=2):
    torch.manual_seed(0)
    classifier = build("parts.onnx", "none", 2, 224, "32")
    return torch.cat([batch for batch, _ in classify(classifier, squares, np.arange(len(squares)), views)])


def write(ids, vectors):
    (paths.root() / "mine").mkdir(exist_ok=True)
    np.save("mine/mine.npy", vectors)
    (paths.root() / "mine/mine.json").write_text(json.dumps(ids))


def of_store():
    """Ids and vectors of all photos, in another order, and one that no photo needs."""
    store = Photos(paths.Images.PHOTOS)
    vectors = features(Squares(store.decode, len(store), 224)).numpy()
    return [*store.photos[::-1].tolist(), "other.jpg"], np.concatenate([vectors[::-1], vectors[:1] * np.nan])


def outputs():
    return {path: path.read_bytes() for path in OUTPUTS} | {paths.metrics("categories"): metrics()}


def test_it_writes_what_the_backbone_that_computed_them_does(folder):
    settings = frozen(folder).model_copy(update={"views": 2, "soft": True})
    write(*of_store())
    categories.run(settings)
    expected = outputs()
    own = {"features": "mine", "backbone": "lite0", "weights": "imagenet", "freeze": True, "views": 18}
    categories.run(settings.model_copy(update=own))
    assert outputs() == expected
    assert files.read_array(paths.Categories.PIXELS, "categories").shape == (24, 2, 432)
    _, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    assert (config["backbone"], config["views"]) == ("features", 2)


def labelled(folder):
    """Food-101's layout, of photos of the store."""
    store, listed = Photos(paths.Images.PHOTOS), {"train": range(8), "test": range(8, 12)}
    (folder / "food/meta").mkdir(parents=True)
    (folder / "food/meta/classes.txt").write_text("beef_stew\nplum_cake\n")
    for part, rows in listed.items():
        names = [f"{('beef_stew', 'plum_cake')[row % 2]}/{row}" for row in rows]
        (folder / f"food/meta/{part}.txt").write_text("\n".join(names))
        for row, name in zip(rows, names, strict=True):
            path = folder / f"food/images/{name}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(store.jpeg(row))
    return "food"


def test_labelled_photos_are_found_by_their_paths(folder):
    settings = frozen(folder).model_copy(update={"views": 2, "labelled": labelled(folder)})
    lists = read_lists(folder / "food")
    photos = [path for path, _ in lists.train + lists.test]
    squares = Squares(lambda row: np.asarray(open_photo(photos[row], 32)), len(photos), 224)
    ids, vectors = of_store()
    own = [path.relative_to(folder / "food").as_posix() for path in photos]
    assert own[0] == "images/beef_stew/0.jpg"
    write(ids + own, np.concatenate([vectors, features(squares).numpy()]))
    categories.run(settings)
    expected = outputs()
    categories.run(settings.model_copy(update={"features": "mine"}))
    assert outputs() == expected and "top1" in metrics()


def test_labelled_photos_that_the_file_does_not_hold_are_refused(folder):
    settings = frozen(folder).model_copy(update={"features": "mine", "labelled": labelled(folder)})
    write(*of_store())
    with pytest.raises(SejeError, match="8 of 8 photos have no vector, as images/beef_stew/0.jpg"):
        categories.run(settings)


def test_a_photo_of_the_store_without_a_vector_is_refused(folder):
    settings = frozen(folder)
    ids, vectors = of_store()
    write(ids[2:], vectors[2:])
    with pytest.raises(SejeError, match="2 of 24 photos have no vector, as 0000000016.jpg"):
        categories.run(settings.model_copy(update={"features": "mine"}))
