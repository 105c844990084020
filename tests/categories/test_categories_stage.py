import json
import pickle

import numpy as np
import onnx
import pyarrow as pa
import pytest
import torch
from PIL import Image
from pydantic import ValidationError
from safetensors.torch import load_file, save_file

from seje.categories import stage as categories
from seje.categories.accuracy import predict
from seje.categories.finetuning import FineTuning
from seje.categories.head import fit_head, frozen_features
from seje.categories.label_vectors import label_table
from seje.categories.labelled import Labelled, deal
from seje.categories.settings import CategoriesSettings
from seje.errors import SejeError
from seje.model.photo_encoder import Describer
from seje.photos.decoding import encode
from seje.photos.store import Photos, store_writer
from seje.text import vectors
from seje.vision.classifier import classify, rebuild
from seje.vision.models import torch_backbone, weights_of
from seje.vision.transforms import Squares
from seje.workspace import checkpoints, files, paths

SETTINGS = CategoriesSettings(
    candidates=10,
    max_classes=10,
    min_train=2,
    refine=False,
    labelled=None,
    backbone="shufflenet_v2_x0_5",
    features=None,
    weights="none",
    freeze=False,
    epochs=2,
    batch=8,
    lr=0.001,
    shallow=0.0,
    precision="32",
    views=1,
    soft=False,
    confidence=0.0,
    seed=1,
)
OUTPUTS = [
    paths.Categories.CLASSES,
    paths.Categories.RECIPES,
    paths.Categories.CLASSIFIER,
    paths.Categories.PHOTOS,
    paths.Categories.PIXELS,
    paths.Categories.EMBEDDINGS,
    paths.Categories.CONFUSION,
]


def prepare(titles: list[str], val: int = 2, test: int = 2) -> None:
    """Recipes with those titles in turn, 8 of them train; two photos each, and word vectors."""
    partitions = ["train"] * 8 + ["val"] * val + ["test"] * test
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
    categories.run(SETTINGS)
    recipes = files.read_table(paths.Categories.RECIPES, "categories")
    assert recipes["category"].to_pylist() == [1, 2] * 6
    lines = paths.Categories.CLASSES.read_text().splitlines()
    assert lines[:3] == ["category,name,train,val,test", "0,background,0,0,0", "1,beef stew,4,1,1"]
    photos = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    assert [row["photo"] for row in photos] == [f"{number:010x}.jpg" for number in range(24)]
    pixels = files.read_array(paths.Categories.PIXELS, "categories")
    embeddings = files.read_array(paths.Categories.EMBEDDINGS, "categories")
    assert pixels.shape == (24, 1, 1024) and pixels.dtype == np.float16 and np.isfinite(pixels).all()
    expected = {"beef_stew": [2.0] * 4, "plum_cake": [0.0] * 4}  # the mean of its words, and none
    assert embeddings.tolist() == [expected[row["label"]] for row in photos]
    assert metrics()["photos_without_label_vector"] == sum(row["label"] == "plum_cake" for row in photos)


def test_views_and_the_category_by_probability(folder):
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(SETTINGS.model_copy(update={"views": 3, "soft": True}))
    pixels = files.read_array(paths.Categories.PIXELS, "categories")
    assert pixels.shape == (24, 3, 1024) and (pixels[:, 1:] != pixels[:, :1]).any(axis=2).all()
    photos = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    embeddings = files.read_array(paths.Categories.EMBEDDINGS, "categories")
    for row, embedding in zip(photos, embeddings, strict=True):  # beef stew's vector is 2, plum cake's 0
        stew = row["probability"] if row["label"] == "beef_stew" else 1 - row["probability"]
        np.testing.assert_allclose(embedding, [2 * stew] * 4, rtol=1e-5)
    _, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    assert (config["views"], config["soft"]) == (3, True)


@pytest.mark.parametrize("saves, going_on", [(1, [1, 0, 0, 0]), (5, [2, 2, 1, 0])])
def test_killed_after_an_epoch_ends_with_the_same_bytes(folder, monkeypatch, saves, going_on):
    """Two epochs each of the classifier and those without a fold: killed in the first, and in the third."""
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(SETTINGS)
    whole = [path.read_bytes() for path in OUTPUTS]
    assert not list((folder / "checkpoints").iterdir())
    save, left = checkpoints.save, [None] * saves

    def save_then_die(path, state):
        save(path, state)
        left.pop()
        if not left:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save", save_then_die)
        with pytest.raises(KeyboardInterrupt):
            categories.run(SETTINGS)
    assert len(list((folder / "checkpoints").glob("*.pt"))) == -(-saves // 2)
    started = []
    run = FineTuning.run
    monkeypatch.setattr(FineTuning, "run", lambda self, train: started.append(self.epoch) or run(self, train))
    categories.run(SETTINGS)
    assert started == going_on
    assert [path.read_bytes() for path in OUTPUTS] == whole
    assert not list((folder / "checkpoints").iterdir())


def frozen(folder):
    """Settings with a backbone that needs no training: means of the colours of 12 x 12 parts, as ONNX."""
    pixels = onnx.helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, ["B", 3, 224, 224])
    features = onnx.helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, ["B", 432])
    pool = onnx.helper.make_node("AveragePool", ["pixels"], ["maps"], kernel_shape=[18, 18], strides=[18, 18])
    flat = onnx.helper.make_node("Flatten", ["maps"], ["features"])
    graph = onnx.helper.make_graph([pool, flat], "parts", [pixels], [features])
    opset = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), folder / "parts.onnx")
    return SETTINGS.model_copy(update={"backbone": "parts.onnx"})


@pytest.fixture
def frozen_torch(folder):
    """Settings with a network of PyTorch that is frozen: timm's smallest, with weights of a file."""
    torch.manual_seed(0)
    made = torch_backbone("timm/test_resnet", "none", 2, 160)
    save_file({name: tensor.contiguous() for name, tensor in weights_of(*made).items()}, "net.safetensors")
    changes = {"backbone": "timm/test_resnet", "weights": "net.safetensors", "freeze": True}
    return SETTINGS.model_copy(update=changes)


def test_no_photo_is_told_by_a_classifier_that_learnt_from_it(folder):
    """Of noise nothing can be learnt but the photos themselves: the whole classifier knows train by heart."""
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(frozen(folder))
    weights, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    store = Photos(paths.Images.PHOTOS)
    squares = Squares(store.decode, 24, 224)
    labels = np.arange(24) // 2 % 2
    photos = Labelled(squares, np.arange(24), labels, np.arange(24) // 2)
    classifier = rebuild(config, weights)
    by_heart = predict(classifier, photos).argmax(1)
    assert (by_heart[:16] == labels[:16]).all()
    rows = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    said = np.array([config["classes"].index(row["label"]) for row in rows])
    assert (said[16:] == by_heart[16:]).all()  # photos of val and test
    assert metrics()["own_top1"] == {
        part: np.mean(said[of] == labels[of])
        for part, of in (("train", slice(16)), ("val", slice(16, 20)), ("test", slice(20, 24)))
    }
    train = photos.part(np.arange(24) < 16)
    fold = deal(train, 5, SETTINGS.seed)
    for number in range(5):
        learnt = train.part(fold != number)
        other = rebuild(config, weights)
        fit_head(other.head, frozen_features(other, learnt), learnt.labels)
        told = train.part(fold == number)
        assert not set(told.dishes.tolist()) & set(learnt.dishes.tolist())
        probabilities = predict(other, told)
        assert (said[told.rows] == probabilities.argmax(1)).all()
        found = [rows[row]["probability"] for row in told.rows]
        np.testing.assert_allclose(found, probabilities.max(1), rtol=1e-3)
    vectors = {"beef_stew": [2.0] * 4, "plum_cake": [0.0] * 4}
    embeddings = files.read_array(paths.Categories.EMBEDDINGS, "categories")
    assert embeddings.tolist() == [vectors[row["label"]] for row in rows]


def test_a_network_of_pytorch_that_is_frozen_stays_as_it_is_and_only_its_head_is_trained(frozen_torch):
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(frozen_torch)
    weights, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    before = load_file("net.safetensors")
    assert weights.keys() == before.keys()
    assert {name for name in before if not torch.equal(before[name], weights[name])} == {
        "fc.weight",
        "fc.bias",
    }
    assert config["size"] == config["crop"] == 160  # what timm says, whatever images.size is
    store = Photos(paths.Images.PHOTOS)
    classifier = rebuild(config, weights)
    squares = Squares(store.decode, 24, 160)
    (seen,) = [features[:, 0] for features, _ in classify(classifier, squares, np.arange(24))]
    pixels = files.read_array(paths.Categories.PIXELS, "categories")
    np.testing.assert_allclose(pixels[:, 0], seen, rtol=1e-2, atol=1e-3)
    labels = np.arange(24) // 2 % 2
    learnt = Labelled(squares, np.arange(16), labels[:16], np.arange(16) // 2)
    assert (predict(classifier, learnt).argmax(1) == learnt.labels).all()  # noise, known by heart
    assert metrics()["own_top1"]["train"] < 1  # but told by heads that did not see it


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"backbone": "nowhere.onnx"}, "nowhere.onnx: needs an ONNX file"),
        ({"weights": "nowhere.pt"}, "nowhere.pt is neither none, imagenet nor"),
        ({"backbone": "timm/nothing"}, "no timm model 'nothing'"),
    ],
)
def test_what_cannot_be_had_is_said_before_anything_is_read(folder, changes, said):
    with files.atomic(paths.Images.PHOTOS) as part, store_writer(part, 32):
        pass  # no photo, no recipe, no word vector
    with pytest.raises(SejeError, match=said):
        categories.run(SETTINGS.model_copy(update=changes))


def test_a_frozen_network_without_weights_is_refused():
    with pytest.raises(ValidationError, match="with weights: none it knows nothing"):
        CategoriesSettings(**SETTINGS.model_dump() | {"freeze": True})
    CategoriesSettings(**SETTINGS.model_dump() | {"freeze": True, "backbone": "net.onnx"})
    CategoriesSettings(**SETTINGS.model_dump() | {"freeze": True, "features": "mine"})


def test_below_the_confidence_no_label_and_no_feature_is_told(folder):
    prepare(["Beef Stew", "Plum Cake"])
    settings = frozen(folder)
    categories.run(settings)
    before = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    full = files.read_array(paths.Categories.EMBEDDINGS, "categories").copy()
    middle = float(np.median([row["probability"] for row in before]))
    categories.run(settings.model_copy(update={"confidence": middle}))
    after = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    told = np.array([row["probability"] >= middle for row in before])
    assert 0 < told.sum() < 24 and metrics()["photos_not_told"] == (~told).sum()
    assert [row["label"] for row in after] == [
        row["label"] if known else None for row, known in zip(before, told, strict=True)
    ]
    embeddings = files.read_array(paths.Categories.EMBEDDINGS, "categories")
    assert np.array_equal(embeddings, full * told[:, None])
    weights, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    assert config["confidence"] == round(middle, 6)
    store = Photos(paths.Images.PHOTOS)  # a photo that is asked with is told as those of val and test are
    table, _ = label_table(vectors.load(paths.Word2vec.VECTORS), config["classes"])
    form = (config[name] for name in ("size", "views", "soft", "confidence"))
    describer = Describer(rebuild(config, weights), table, *form)
    asked = describer.features([store.jpeg(row) for row in range(24)])
    assert np.array_equal(asked.labels[16:], embeddings[16:])


def test_the_confusion_is_of_the_val_photos_and_agrees_with_top1(folder):
    prepare(["Beef Stew", "Plum Cake"])
    categories.run(SETTINGS)
    rows = json.loads(paths.Categories.CONFUSION.read_text())
    assert [row["actual"] for row in rows] == ["beef_stew"] * 2 + ["plum_cake"] * 2
    assert {row["predicted"] for row in rows} <= {"beef_stew", "plum_cake"}
    assert metrics()["top1"] == np.mean([row["actual"] == row["predicted"] for row in rows])
    assert metrics()["top5"] == 1 and 0 <= metrics()["calibration_error"] <= 1


def test_without_categories_all_is_background(folder, capsys):
    prepare(["Soup"])
    categories.run(SETTINGS)
    assert metrics()["classes"] == 0 and metrics()["background_share"] == 1
    photos = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    assert {row["label"] for row in photos} == {"background"}
    assert not {"top1", "top5", "calibration_error", "own_top1"} & metrics().keys()  # nothing was measured
    assert json.loads(paths.Categories.CONFUSION.read_text()) == []
    assert np.isfinite(files.read_array(paths.Categories.PIXELS, "categories")).all()
    assert not files.read_array(paths.Categories.EMBEDDINGS, "categories").any()


def test_categories_of_recipe1m_are_used_where_they_lie(folder):
    prepare(["Beef Stew", "Plum Cake"])
    recipes = {f"{number:010x}": 7 if number % 4 else 0 for number in range(11)}  # the last is not in it
    stored = pickle.dumps(recipes, 2) + pickle.dumps({0: "background", 3: "unused", 7: "beef, stewed"}, 2)
    paths.Corpus.CLASSES.write_bytes(stored)
    categories.run(SETTINGS)
    found = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_pylist()
    assert found == [2 if number % 4 else 0 for number in range(11)] + [0]
    lines = paths.Categories.CLASSES.read_text().splitlines()
    assert lines[1:] == ["0,background,2,1,1", "1,unused,0,0,0", '2,"beef, stewed",6,1,1']


def test_classes_of_another_corpus_are_refused(folder):
    prepare(["Beef Stew", "Plum Cake"])
    stored = pickle.dumps({"other": 1}, 2) + pickle.dumps({0: "background", 1: "stew"}, 2)
    paths.Corpus.CLASSES.write_bytes(stored)
    with pytest.raises(SejeError, match="none of its 1 ids is one of the corpus's 12 recipes"):
        categories.run(SETTINGS)


def test_one_category_alone_teaches_nothing(folder):
    prepare(["Beef Stew", "Soup"])
    categories.run(SETTINGS.model_copy(update={"refine": True}))
    photos = files.read_table(paths.Categories.PHOTOS, "categories").to_pylist()
    assert {row["label"] for row in photos} == {"background"}
    found = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_pylist()
    assert found == [1, 0] * 6


def refined(settings):
    """Categories of the recipes without refinement and with it, and labels of the photos."""
    categories.run(settings)
    before = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_pylist()
    categories.run(settings.model_copy(update={"refine": True}))
    after = files.read_table(paths.Categories.RECIPES, "categories")["category"].to_pylist()
    return before, after, files.read_table(paths.Categories.PHOTOS, "categories")["label"].to_pylist()


def test_refinement_gives_a_background_recipe_of_train_the_label_of_its_first_photo(folder):
    dishes = ["Beef Stew", "Plum Cake"]
    prepare([*dishes * 3, "Soup", "Soup", *dishes, "Soup", *dishes, "Soup"], val=3, test=3)
    before, after, labels = refined(frozen(folder))
    assert before == [1, 2, 1, 2, 1, 2, 0, 0, 1, 2, 0, 1, 2, 0]
    names = ["background", "beef_stew", "plum_cake"]
    assert after == [*before[:6], names.index(labels[12]), names.index(labels[14]), *before[8:]]
    assert metrics()["background_share"] == round(2 / 14, 6)


def test_refinement_says_nothing_below_the_confidence(folder):
    prepare([*["Beef Stew", "Plum Cake"] * 3, "Soup", "Soup", *["Beef Stew", "Plum Cake"] * 2])
    before, after, labels = refined(frozen(folder).model_copy(update={"confidence": 0.9999}))
    assert after == before and labels == [None] * 24
