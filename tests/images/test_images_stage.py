import io
import json
import os
import tracemalloc
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from conftest import ROOT
from PIL import Image

from seje.corpus.settings import CorpusSettings
from seje.errors import SejeError
from seje.images import stage as images
from seje.images.settings import ImagesSettings
from seje.photos.store import Photos
from seje.workspace import files, paths

SETTINGS = ImagesSettings(per_recipe=2, size=16, quality=90)
CORPUS = CorpusSettings(
    source="raw", max_ingredients=20, max_instructions=20, split="given", leaks="keep", shard=4096
)
RECIPES = [  # id, partition, photos: g good, m missing, b broken
    ("00000000a0", "train", ["g000000001.jpg", "b000000002.jpg", "g000000003.jpg", "g000000004.jpg"]),
    ("00000000a1", "val", []),
    ("00000000a2", "val", ["m000000005.jpg"]),
    ("00000000a3", "test", ["g000000006.jpg", "m000000007.jpg"]),
]


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    schema = {"id": pa.string(), "partition": pa.string(), "photos": pa.list_(pa.string())}
    rows = [dict(zip(schema, recipe, strict=True)) for recipe in RECIPES]
    files.write_table(paths.Corpus.RECIPES, pa.Table.from_pylist(rows, pa.schema(schema)))
    generator = np.random.default_rng(0)
    for _, partition, photos in RECIPES:
        for photo in photos:
            path = Path("raw/images", partition, *photo[:4], photo)
            path.parent.mkdir(parents=True, exist_ok=True)
            if photo[0] == "g":
                Image.fromarray(generator.integers(0, 256, (20, 30, 3), np.uint8)).save(path)
            elif photo[0] == "b":
                path.write_bytes(b"broken")


def test_photos_in_order_and_counts_add_up(corpus):
    images.run(SETTINGS, CORPUS)
    store = Photos(paths.Images.PHOTOS)
    assert store.photos.tolist() == ["g000000001.jpg", "g000000003.jpg", "g000000006.jpg"]
    assert store.recipes.tolist() == [0, 0, 3]
    assert store.partitions.tolist() == ["train", "train", "test"]
    assert store.decode(0).shape == (16, 24, 3)
    rejected = files.read_table(paths.Images.REJECTED, "images").to_pylist()
    assert [(row["photo"], row["recipe"], row["reason"]) for row in rejected] == [
        ("b000000002.jpg", "00000000a0", "not an image"),
        ("m000000005.jpg", "00000000a2", "missing"),
        ("m000000007.jpg", "00000000a3", "missing"),
    ]
    metrics = json.loads(paths.metrics("images").read_text())
    assert metrics["photos"] == {"all": 3, "train": 2, "val": 0, "test": 1}
    assert metrics["recipes_with_photo"] == {"all": 2, "train": 1, "val": 0, "test": 1}
    assert metrics["rejected"] == {"all": 3, "reasons": {"missing": 2, "not an image": 1}}


def test_same_bytes_again(corpus):
    images.run(SETTINGS, CORPUS)
    first = [path.read_bytes() for path in (paths.Images.PHOTOS, paths.Images.REJECTED)]
    images.run(SETTINGS, CORPUS)
    assert first == [path.read_bytes() for path in (paths.Images.PHOTOS, paths.Images.REJECTED)]


def test_no_photo_at_all_says_where_it_looked(corpus):
    elsewhere = CORPUS.model_copy(update={"source": "elsewhere"})
    with pytest.raises(SejeError, match="elsewhere/images: none of the recipes' photos can be read"):
        images.run(SETTINGS, elsewhere)
    assert not paths.Images.PHOTOS.exists() and not paths.Images.REJECTED.exists()


def pixels(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (20, 30, 3), np.uint8))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def broken() -> dict[str, bytes]:
    """One photo of each kind that is set aside, by its reason."""
    photo = pixels(0)
    return {
        "empty": b"",
        "not an image": b"a text, whatever its name says",
        "truncated": saved(photo, "JPEG")[:-300],
        "too long": saved(photo.resize((66_000, 16)), "PNG"),
        "too small": saved(photo.resize((1, 1)), "JPEG"),
        "one colour": saved(Image.new("RGB", (30, 20), "navy"), "JPEG"),
        "too large": saved(Image.new("1", (20_000, 10_000)), "PNG"),
    }


def test_the_first_frame_of_an_animation_is_kept_and_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    moving = saved(pixels(0), "GIF", save_all=True, append_images=[pixels(1)])
    write_corpus(recipes=4, photos=1, content=lambda number: moving if number else saved(pixels(2), "PNG"))
    images.run(SETTINGS, CORPUS)
    metrics = json.loads(paths.metrics("images").read_text())
    assert metrics["photos"]["all"] == 4 and metrics["animated"] == 3 and metrics["rejected"]["all"] == 0


def test_one_photo_of_any_kind_ends_nothing(tmp_path, monkeypatch):
    """A photo too long for JPEG, pipes, folders, links, names that no file can have, between good ones."""
    monkeypatch.chdir(tmp_path)
    folder = Path("raw/images")
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.jpg")
    (folder / "folder.jpg").mkdir()
    (folder / "link.jpg").symlink_to("nowhere")
    (folder / "strip.jpg").write_bytes(saved(pixels(0).resize((66_000, 16)), "PNG"))
    (folder / "script.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n{} loop\n")
    names = [path.name for path in folder.iterdir()] + ["a" * 300 + ".jpg"]
    for name in ("first.jpg", "last.jpg"):
        (folder / name).write_bytes(saved(pixels(len(name)), "JPEG"))
    rows = [{"id": "0" * 10, "partition": "train", "photos": ["first.jpg", *sorted(names), "last.jpg"]}]
    files.write_table(paths.Corpus.RECIPES, pa.Table.from_pylist(rows))
    images.run(SETTINGS, CORPUS)
    assert Photos(paths.Images.PHOTOS).photos.tolist() == ["first.jpg", "last.jpg"]
    rejected = files.read_table(paths.Images.REJECTED, "images").to_pylist()
    assert {row["photo"][:9]: row["reason"] for row in rejected} == {
        "pipe.jpg": "not a file",
        "folder.jp": "not a file",
        "link.jpg": "missing",
        "strip.jpg": "too long",
        "script.jp": "not an image",
        "aaaaaaaaa": "name too long",
    }


LAYOUTS = ("train/0/1/2/3", "0/1/2/3", "train", "")  # with and without partition, four-level and flat


def write_corpus(recipes: int, photos: int, content) -> None:
    """Recipes of train with photos each, in all layouts; `content` gives a file's bytes, or None."""
    rows = []
    for recipe in range(recipes):
        names = [f"0123{recipe * photos + photo:06x}.jpg" for photo in range(photos)]
        rows.append({"id": f"{recipe:010x}", "partition": "train", "photos": names})
        for name in names:
            number = int(name[4:-4], 16)
            path = Path("raw/images", LAYOUTS[number % len(LAYOUTS)], name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if (data := content(number)) is not None:
                path.write_bytes(data)
    files.write_table(paths.Corpus.RECIPES, pa.Table.from_pylist(rows))


def test_every_tenth_photo_is_broken_and_the_counts_add_up(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kinds: dict[str, bytes | None] = broken() | {"missing": None}
    reasons = list(kinds)

    def content(number: int) -> bytes | None:
        if number % 10 == 9:
            return kinds[reasons[number // 10 % len(reasons)]]
        return saved(pixels(number), "JPEG")

    write_corpus(recipes=80, photos=4, content=content)
    images.run(SETTINGS.model_copy(update={"per_recipe": 4}), CORPUS)

    store = Photos(paths.Images.PHOTOS)
    good = [number for number in range(320) if number % 10 != 9]
    assert store.photos.tolist() == [f"0123{number:06x}.jpg" for number in good]
    assert store.recipes.tolist() == [number // 4 for number in good]
    rejected = files.read_table(paths.Images.REJECTED, "images").to_pylist()
    expected = [reasons[number // 10 % len(reasons)] for number in range(9, 320, 10)]
    assert [row["reason"] for row in rejected] == expected
    metrics = json.loads(paths.metrics("images").read_text())
    assert metrics["photos"]["all"] + metrics["rejected"]["all"] == 320
    assert metrics["photos"]["train"] == 288 and metrics["recipes_with_photo"]["train"] == 80
    assert metrics["rejected"]["reasons"] == dict(Counter(expected))
    assert metrics["look_alikes"]["all"] == 0


def test_memory_does_not_grow_with_the_photos(tmp_path, monkeypatch):
    jpeg = saved(pixels(0).resize((100, 100)), "JPEG", quality=90)

    def peak(recipes: int) -> int:
        folder = tmp_path / str(recipes)
        folder.mkdir()
        monkeypatch.chdir(folder)
        write_corpus(recipes, 1, lambda number: jpeg)
        monkeypatch.setattr(images, "look_alikes", lambda hashes: [])  # holds what it compares
        tracemalloc.start()
        images.run(SETTINGS.model_copy(update={"size": 100}), CORPUS)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    # 300 is more than the rows that the store's writer holds; the corpus is read in batches of 1,024.
    assert peak(900) < peak(300) + 600 * len(jpeg) / 4


def write_recipes(rows: list[tuple[str, str, list[str]]]) -> None:
    names = ("id", "partition", "photos")
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    files.write_table(paths.Corpus.RECIPES, table)


def save(name: str, image: Image.Image, folder: str = "") -> None:
    path = Path("raw/images", folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(saved(image, "JPEG"))


def test_photos_of_any_name_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["My cake (2).jpg", "soup.final.v2.jpeg", "cr\u00e8me.png", "IMG_7", ".a.b", "\u5bff\u53f8.jpg"]
    write_recipes([(f"r{n}", "train", [name]) for n, name in enumerate(names)])
    for number, name in enumerate(names):
        save(unicodedata.normalize("NFD", name), pixels(number), "/".join(name[:4]) if number % 2 else "")
    images.run(SETTINGS, CORPUS)
    assert Photos(paths.Images.PHOTOS).photos.tolist() == names


def test_after_a_split_by_source_photos_lie_in_the_given_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_recipes([("r0", "test", ["a.jpg"]), ("r1", "train", ["b.jpg"])])
    save("a.jpg", pixels(0), "train")
    save("b.jpg", pixels(1), "train")
    images.run(SETTINGS, CORPUS)
    assert Photos(paths.Images.PHOTOS).photos.tolist() == ["b.jpg"]
    images.run(SETTINGS, CORPUS.model_copy(update={"split": "source"}))
    store = Photos(paths.Images.PHOTOS)
    assert store.photos.tolist() == ["a.jpg", "b.jpg"] and store.partitions.tolist() == ["test", "train"]


def test_photos_that_repeat_one_of_test_are_dropped_and_the_rest_is_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = {"a": 1, "b": 2, "c": 1, "d": 3, "e": 1, "f": 3, "g": 4}  # photo: what is on it
    rows = [("r0", "train", "ab"), ("r1", "val", "c"), ("r2", "test", "de"), ("r3", "test", "f")]
    rows += [("r4", "train", "g"), ("r5", "train", "h")]
    write_recipes([(id_, part, [f"{letter}.jpg" for letter in letters]) for id_, part, letters in rows])
    for letter, seed in (shown | {"h": 4}).items():
        save(f"{letter}.jpg", pixels(seed).resize((90, 60)))
    images.run(SETTINGS, CORPUS)
    before = json.loads(paths.metrics("images").read_text())
    assert before["look_alikes"] == {"all": 7, "groups": 3, "train_val": 1, "train_test": 1, "val_test": 1}
    images.run(SETTINGS, CORPUS.model_copy(update={"leaks": "drop"}))
    store = Photos(paths.Images.PHOTOS)
    assert store.photos.tolist() == ["b.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg", "h.jpg"]
    assert store.recipes.tolist() == [0, 2, 2, 3, 4, 5] and store.decode(5).shape == (16, 24, 3)
    rejected = files.read_table(paths.Images.REJECTED, "images").to_pylist()
    reason = "looks like a photo of test"
    assert rejected == [
        {"photo": "a.jpg", "recipe": "r0", "reason": reason},
        {"photo": "c.jpg", "recipe": "r1", "reason": reason},
    ]
    after = json.loads(paths.metrics("images").read_text())
    assert after["photos"] == {"all": 6, "train": 3, "val": 0, "test": 3}
    assert after["recipes_with_photo"] == {"all": 5, "train": 3, "val": 0, "test": 2}
    assert after["rejected"] == {"all": 2, "reasons": {reason: 2}}
    assert after["look_alikes"] == {"all": 4, "groups": 2, "train_val": 0, "train_test": 0, "val_test": 0}
    groups = files.read_table(paths.Images.DUPLICATES, "images").to_pylist()
    assert [one["photo"] for one in groups] == ["d.jpg", "f.jpg", "g.jpg", "h.jpg"]
    assert [store.photos[one["row"]] for one in groups] == ["d.jpg", "f.jpg", "g.jpg", "h.jpg"]


DEADLY = """
import os
from seje.photos import decoding

whole = decoding.open_photo

def open_photo(path, size):
    if path and path.name == "g000000003.jpg":
        os.kill(os.getpid(), 9)
    return whole(path, size)

decoding.open_photo = open_photo
"""


def test_a_photo_that_kills_three_workers_is_set_aside(corpus, tmp_path, monkeypatch):
    """Workers are given a decoder that dies of one photo: Python runs sitecustomize.py when it starts."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(DEADLY)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "site"), str(ROOT)]))
    images.run(SETTINGS, CORPUS)
    assert Photos(paths.Images.PHOTOS).photos.tolist() == [
        "g000000001.jpg",
        "g000000004.jpg",
        "g000000006.jpg",
    ]
    rejected = files.read_table(paths.Images.REJECTED, "images").to_pylist()
    assert [row["photo"] for row in rejected if row["reason"] == "kills its decoder"] == ["g000000003.jpg"]
    assert not list(Path("checkpoints").rglob("*"))
