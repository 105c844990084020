import json
import pickle

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from seje import checkpoints, files, params, paths
from seje.data.photos import encode
from seje.data.store import store_writer
from seje.stages import categories
from seje.vision.finetuning import FineTuning

SETTINGS = params.Categories(
    candidates=10,
    max_classes=10,
    min_train=2,
    refine=False,
    labelled=None,
    backbone="resnet18",
    weights="none",
    epochs=2,
    batch=8,
    lr=0.001,
    shallow=0.0,
    balance=True,
    stop=None,
    precision="32",
    views=1,
    soft=False,
    seed=1,
)
CORPUS = params.Corpus(source="raw", max_ingredients=20, max_instructions=20, split="given", leaks="keep")
OUTPUTS = [
    paths.Categories.CLASSES,
    paths.Categories.RECIPES,
    paths.Categories.CLASSIFIER,
    paths.Categories.PHOTOS,
    paths.Categories.PIXELS,
    paths.Categories.EMBEDDINGS,
    paths.Categories.CONFUSION,
]


def prepare(titles: list[str]) -> None:
    """Recipes with those titles in turn, 8 train, 2 val, 2 test; two photos each, and word vectors."""
    partitions = ["train"] * 8 + ["val"] * 2 + ["test"] * 2
    rows = [
        {"id": f"{number:010x}", "partition": part, "title": titles[number % len(titles)]}
        for number, part in enumerate(partitions)
    ]
    files.write_table(paths.Corpus.RECIPES, pa.Table.from_pylist(rows))
    generator = np.random.default_rng(0)
    with files.atomic(paths.Images.PHOTOS) as part, store_writer(part, 32) as keep:
        for photo in range(2 * len(rows)):
            pixels = generator.integers(0, 256, (32, 40, 3), np.uint8)
            row = {"photo": f"{photo:010x}.jpg", "recipe": photo // 2, "partition": partitions[photo // 2]}
            keep(row | {"jpeg": encode(Image.fromarray(pixels), 90)})
    paths.Word2vec.VECTORS.parent.mkdir(parents=True)
    stored = [(word, np.full(4, value, "<f4").tobytes()) for word, value in (("beef", 1), ("stew", 3))]
    content = b"2 4\n" + b"".join(word.encode() + b" " + vector + b"\n" for word, vector in stored)
    paths.Word2vec.VECTORS.write_bytes(content)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return tmp_path


def metrics():
    return json.loads(paths.metrics("categories").read_text())


def test_rows_follow_the_recipes_and_the_photos(folder):
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(SETTINGS, CORPUS)
    recipes = files.read_table(paths.Categories.RECIPES, "categories")
    assert recipes["category"].to_pylist() == [1, 2] * 6
    lines = paths.Categories.CLASSES.read_text().splitlines()
    assert lines[:3] == ["category,name,train,val,test", "0,background,0,0,0", "1,beef stew,4,1,1"]
    photos = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    assert [row["photo"] for row in photos] == [f"{number:010x}.jpg" for number in range(24)]
    pixels = files.read_array(paths.Categories.PIXELS, "categories")
    embeddings = files.read_array(paths.Categories.EMBEDDINGS, "categories")
    assert pixels.shape == (24, 1, 512) and pixels.dtype == np.float16 and np.isfinite(pixels).all()
    expected = {"beef_stew": [2.0] * 4, "plum_cake": [0.0] * 4}  # the mean of its words, and none
    assert embeddings.tolist() == [expected[row["label"]] for row in photos]
    assert metrics()["photos_without_label_vector"] == sum(row["label"] == "plum_cake" for row in photos)


def test_views_and_the_category_by_probability(folder):
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(SETTINGS.model_copy(update={"views": 3, "soft": True}), CORPUS)
    pixels = files.read_array(paths.Categories.PIXELS, "categories")
    assert pixels.shape == (24, 3, 512) and (pixels[:, 1:] != pixels[:, :1]).any(axis=2).all()
    photos = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    embeddings = files.read_array(paths.Categories.EMBEDDINGS, "categories")
    for row, embedding in zip(photos, embeddings, strict=True):  # beef stew's vector is 2, plum cake's 0
        stew = row["probability"] if row["label"] == "beef_stew" else 1 - row["probability"]
        np.testing.assert_allclose(embedding, [2 * stew] * 4, rtol=1e-5)
    _, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    assert (config["views"], config["soft"]) == (3, True)


def test_killed_after_an_epoch_ends_with_the_same_bytes(folder, monkeypatch):
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(SETTINGS, CORPUS)
    whole = [path.read_bytes() for path in OUTPUTS]
    assert not list((folder / "checkpoints").iterdir())
    save = checkpoints.save

    def save_then_die(path, state):
        save(path, state)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save", save_then_die)
        with pytest.raises(KeyboardInterrupt):
            categories.run(SETTINGS, CORPUS)
    assert len(list((folder / "checkpoints").iterdir())) == 1
    started = []
    run = FineTuning.run
    monkeypatch.setattr(FineTuning, "run", lambda self, train: started.append(self.epoch) or run(self, train))
    categories.run(SETTINGS, CORPUS)
    assert started == [1]
    assert [path.read_bytes() for path in OUTPUTS] == whole
    assert not list((folder / "checkpoints").iterdir())


def test_the_confusion_is_of_the_val_photos_and_agrees_with_top1(folder):
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(SETTINGS, CORPUS)
    rows = json.loads(paths.Categories.CONFUSION.read_text())
    assert [row["actual"] for row in rows] == ["beef_stew"] * 2 + ["plum_cake"] * 2
    assert {row["predicted"] for row in rows} <= {"beef_stew", "plum_cake"}
    assert metrics()["top1"] == np.mean([row["actual"] == row["predicted"] for row in rows])
    assert metrics()["top5"] == 1 and 0 <= metrics()["calibration_error"] <= 1


def test_without_categories_all_is_background(folder, capsys):
    prepare(["Soup"])
    categories.run(SETTINGS, CORPUS)
    assert metrics()["classes"] == 0 and metrics()["background_share"] == 1
    photos = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    assert {row["label"] for row in photos} == {"background"}
    assert metrics()["top1"] is None and json.loads(paths.Categories.CONFUSION.read_text()) == []
    assert np.isfinite(files.read_array(paths.Categories.PIXELS, "categories")).all()
    assert not files.read_array(paths.Categories.EMBEDDINGS, "categories").any()


def test_categories_of_recipe1m_are_used_where_they_lie(folder):
    prepare(["Beef Stew", "Plum Cake"])
    (folder / "raw").mkdir()
    recipes = {f"{number:010x}": 7 if number % 4 else 0 for number in range(11)}  # the last is not in it
    stored = pickle.dumps(recipes, 2) + pickle.dumps({0: "background", 3: "unused", 7: "beef, stewed"}, 2)
    (folder / "raw/classes1M.pkl").write_bytes(stored)
    categories.run(SETTINGS, CORPUS)
    found = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_pylist()
    assert found == [2 if number % 4 else 0 for number in range(11)] + [0]
    lines = paths.Categories.CLASSES.read_text().splitlines()
    assert lines[1:] == ["0,background,2,1,1", "1,unused,0,0,0", '2,"beef, stewed",6,1,1']


def test_refinement_gives_a_background_recipe_the_label_of_its_first_photo(folder):
    prepare([*["Beef Stew", "Plum Cake"] * 3, "Soup", "Soup", *["Beef Stew", "Plum Cake"] * 2])
    categories.run(SETTINGS, CORPUS)
    before = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_pylist()
    assert before == [1, 2, 1, 2, 1, 2, 0, 0, 1, 2, 1, 2]
    assert metrics()["background_share"] == round(2 / 12, 6)
    categories.run(SETTINGS.model_copy(update={"refine": True}), CORPUS)
    after = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_pylist()
    lines = paths.Categories.CLASSES.read_text().splitlines()
    names = [line.split(",")[1].replace(" ", "_") for line in lines[1:]]
    labels = files.read_table(paths.Categories.PHOTOS, "categories")["label"].to_pylist()
    expected = [old or names.index(labels[2 * row]) for row, old in enumerate(before)]
    assert after == expected and metrics()["background_share"] == 0
