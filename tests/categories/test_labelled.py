import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

from seje.categories.labelled import Labelled, deal, open_labelled, read_lists
from seje.categories.training_photos import labelled_folder, own_photos
from seje.errors import SejeError
from seje.vision.transforms import Squares


@pytest.fixture
def folder(tmp_path):
    generator = np.random.default_rng(0)
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta/classes.txt").write_text("apple_pie\nbeet_salad\n")
    (tmp_path / "meta/train.txt").write_text("apple_pie/1\napple_pie/2\n\nbeet_salad/3\nbeet_salad/4\n")
    (tmp_path / "meta/test.txt").write_text("beet_salad/5\r\n")
    for name, photos in {"apple_pie": (1, 2), "beet_salad": (3, 5)}.items():
        (tmp_path / "images" / name).mkdir(parents=True)
        for photo in photos:
            pixels = generator.integers(0, 256, (20, 30, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"images/{name}/{photo}.jpg")
    (tmp_path / "images/apple_pie/2.jpg").write_bytes(b"broken")
    return tmp_path


def test_bad_photos_are_counted_and_left_out(folder):
    listed = read_lists(folder)
    assert listed.classes == ["apple_pie", "beet_salad"]
    train, left_out = open_labelled(listed.train, stored=16, size=16)
    assert left_out == 2  # 2 is broken, 4 is missing
    assert train.rows.tolist() == [0, 2] and train.labels.tolist() == [0, 1]
    assert train.squares.batch(train.rows).shape == (2, 3, 16, 16)
    test, left_out = open_labelled(listed.test, stored=16, size=20)
    assert left_out == 0 and test.labels.tolist() == [1] and test.squares.batch([0]).shape == (1, 3, 20, 20)


@pytest.mark.parametrize(
    "file, text, message",
    [
        ("classes.txt", "apple_pie\n", "two classes"),
        ("classes.txt", "apple_pie\napple_pie\n", "each once"),
        ("train.txt", "plum_cake/1\n", "plum_cake/1"),
        ("train.txt", "apple_pie\n", "is not <class"),
        ("train.txt", "apple_pie/../../1\n", "is not <class"),
        ("test.txt", "\n", "lists no photo"),
        ("train.txt", "apple_pie/1\napple_pie/2\n", "all photos are of one class"),
        ("test.txt", "beet_salad/5\napple_pie/1\n", "1 of its photos are in train.txt too, as 1"),
    ],
)
def test_a_list_that_cannot_be_meant(folder, file, text, message):
    (folder / "meta" / file).write_text(text)
    with pytest.raises(SejeError, match=message):
        read_lists(folder)


def test_no_such_folder(tmp_path):
    with pytest.raises(SejeError, match="classes.txt cannot be read"):
        read_lists(tmp_path / "nowhere")


@hypothesis.given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(2, 6), st.integers(0, 9))
def test_photos_of_a_dish_are_dealt_to_one_fold_and_classes_evenly(dishes, count, seed):
    """Three classes of dishes, by their number."""
    shown = np.array(dishes)
    squares = Squares(lambda row: np.zeros((16, 16, 3), np.uint8), len(shown), 16)
    fold = deal(Labelled(squares, np.arange(len(shown)), shown % 3, shown), count, seed)
    of_dish = dict(zip(dishes, fold.tolist(), strict=True))
    assert [of_dish[dish] for dish in dishes] == fold.tolist()
    assert set(fold.tolist()) <= set(range(count))
    for label in range(3):
        sizes = np.bincount([of_dish[dish] for dish in of_dish if dish % 3 == label], minlength=count)
        assert sizes.max() - sizes.min() <= 1


def test_one_category_or_two_recipes_teach_nothing():
    squares = Squares(lambda row: np.zeros((16, 16, 3), np.uint8), 6, 16)
    parts = np.array(["train"] * 5 + ["val"])
    for recipes, category in (([0, 1, 2, 3, 4, 5], [1] * 6), ([0, 0, 0, 1, 1, 2], [1, 1, 1, 2, 2, 1])):
        taught = own_photos(squares, parts, np.array(recipes), np.array(category), ["stew", "cake"], "none")
        assert taught.labels == ["none"] and not len(taught.train) and not len(taught.test)
    taught = own_photos(squares, parts, np.arange(6), np.array([1, 2, 0, 1, 2, 1]), ["stew", "cake"], "none")
    assert taught.labels == ["stew", "cake"] and taught.train.rows.tolist() == [0, 1, 3, 4]
    assert taught.train.labels.tolist() == [0, 1, 0, 1] and taught.test.rows.tolist() == [5]


def test_photos_of_one_class_that_can_be_read_are_too_few(folder, capsys):
    listed = read_lists(folder)
    taught = labelled_folder(listed, 16, 16, "it")
    assert taught.left_out == 2 and "it: 2 photos cannot be read" in capsys.readouterr().err
    (folder / "images/beet_salad/3.jpg").unlink()
    with pytest.raises(
        SejeError, match="1 train photos of 1 classes and 1 test photos can be read, 3 cannot"
    ):
        labelled_folder(listed, 16, 16, "it")
