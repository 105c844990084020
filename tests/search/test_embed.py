"""`seje embed`: a row for every photo or recipe that can be read, and its name, whatever the name."""

import json
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from seje.cli import app
from seje.data.vector_table import read_vectors
from seje.photos.decoding import locate
from seje.photos.store import Photos
from seje.workspace import files, paths

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def folder(small_pipeline, monkeypatch):
    monkeypatch.chdir(small_pipeline)


@pytest.fixture
def photos(tmp_path):
    (tmp_path / "photos/more").mkdir(parents=True)
    return tmp_path / "photos"


def embed(photos, out):
    return CliRunner().invoke(app, ["embed", str(photos), "-o", str(out)])


def put(photos, names):
    """Write a photo of the kitchen under each name: its rows 0, 1, 2 ..."""
    store = Photos(paths.Images.PHOTOS)
    for row, name in enumerate(names):
        place = Path("pipeline/kitchen/recipe1m/images")
        origin = locate(place, str(store.photos[row]), str(store.partitions[row]))
        with open(os.path.join(os.fsencode(photos), name), "wb") as file:
            file.write(origin.read_bytes())


def check_rows(out, rows):
    """Each name's row holds the vector of its photo; `rows` are the rows of names in the kitchen."""
    names = json.loads(out.with_suffix(".json").read_text())
    written = [os.path.basename(os.fsencode(name)) for name in names]
    assert sorted(written) == sorted(rows)
    stored = files.read_array(paths.Index.PHOTOS, "index")
    order = [rows[name] for name in written]
    np.testing.assert_allclose(np.load(out), stored[order], atol=1e-4)
    return names


def test_a_row_for_every_photo_that_can_be_read(photos, tmp_path):
    put(photos, [b"more/a.jpg", b"b.jpg"])
    (photos / "broken.png").write_text("no photo")
    out = tmp_path / "out.npy"
    done = embed(photos, out)
    assert done.exit_code == 0, done.output
    assert "2 photos embedded, 1 left out" in done.output and "broken.png: not an image" in done.output
    assert [Path(name).name for name in check_rows(out, {b"a.jpg": 0, b"b.jpg": 1})] == ["b.jpg", "a.jpg"]


def test_names_of_any_kind_are_kept_each_in_its_row(photos, tmp_path):
    names = [b"cr\xe8me.jpg", b"new\nline.jpg", b"x.jfif", b"no ending", b"\xf0\x9f\x8d\x9d.JPG", b"a\\b.jpg"]
    put(photos, names)
    (photos / "cut\noff.jpg").write_bytes((photos / "x.jfif").read_bytes()[:200])
    out = tmp_path / "out.npy"
    done = embed(photos, out)
    assert done.exit_code == 0 and "6 photos embedded, 1 left out" in done.output
    check_rows(out, {name: row for row, name in enumerate(names)})
    assert r"cut\noff.jpg: " in done.stderr and len(done.stderr.splitlines()) == 1


def test_links_are_followed_each_folder_once(photos, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    put(tmp_path / "elsewhere", [b"far.jpg"])
    put(photos, [b"far-twin.jpg", b"more/b.jpg"])
    (photos / "album.jpg").symlink_to(tmp_path / "elsewhere")
    (photos / "again").symlink_to(photos / "more")
    (photos / "more/round").symlink_to(photos)
    (photos / "gone.jpg").symlink_to(tmp_path / "nothing")
    os.mkfifo(photos / "pipe.jpg")
    out = tmp_path / "out.npy"
    done = embed(photos, out)
    assert done.exit_code == 0 and "3 photos embedded, 2 left out" in done.output
    names = check_rows(out, {b"far.jpg": 0, b"far-twin.jpg": 0, b"b.jpg": 1})
    assert str(photos / "more/b.jpg") in names and str(photos / "album.jpg/far.jpg") in names


def test_it_can_write_into_the_folder_that_it_reads(photos):
    put(photos, [b"a.jpg"])
    for _ in range(2):
        done = embed(photos, photos / "out.npy")
        assert "1 photos embedded, 0 left out" in done.output


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("x.txt", "ends in .npy or .parquet"),
        ("missing/x.parquet", "No such file or directory"),
        ("x", "ends in .npy"),
        ("more", "ends in .npy"),
        ("taken.npy", "is a folder"),
        ("missing/x.npy", "No such file or directory"),
        ("a.jpg/x.npy", "Not a directory"),
        ("n" * 300 + ".npy", "File name too long"),
        ("beside.npy", "beside.json: is a folder"),
    ],
)
def test_where_to_write_is_checked_before_the_work(photos, name, told, monkeypatch):
    put(photos, [b"a.jpg"])
    (photos / "taken.npy").mkdir()
    (photos / "beside.json").mkdir()
    before = sorted(photos.rglob("*"))
    monkeypatch.setattr("seje.search.embed.open_model", None)  # there is no work
    done = embed(photos, f"{photos}/{name}")
    assert done.exit_code == 2 and told in done.stderr and len(done.stderr.splitlines()) == 1
    assert sorted(photos.rglob("*")) == before


@pytest.mark.parametrize("what", ["none", "file", "empty", "no photos"])
def test_a_folder_without_photos_is_told(photos, tmp_path, what):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "no photos").mkdir()
    (tmp_path / "no photos/notes.txt").write_text("egg")
    done = embed(tmp_path / what, tmp_path / "out.npy")
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    told = {"none": "no such file or folder", "file": "is empty: it needs a JSON array of records"}
    assert told.get(what, "no photos that can be used") in done.stderr


def test_parquet_holds_the_same_as_npy(photos, tmp_path):
    put(photos, [b"b.jpg", b"more/a.jpg", b"cr\xe8me.jpg"])
    assert embed(photos, tmp_path / "out.npy").exit_code == 0
    done = embed(photos, tmp_path / "out.parquet")
    assert "2 photos embedded, 1 left out" in done.output and "its name is not UTF-8" in done.stderr
    ids, vectors = read_vectors(tmp_path / "out.parquet")
    names = json.loads((tmp_path / "out.json").read_text())
    rows = dict(zip(names, np.load(tmp_path / "out.npy"), strict=True))
    assert ids == [str(photos / "b.jpg"), str(photos / "more/a.jpg")]
    np.testing.assert_allclose(vectors, [rows[id_] for id_ in ids], atol=1e-4)
    assert not list(tmp_path.glob(".part*"))


def test_recipes_of_a_recipe1m_folder_and_of_json_lines_get_the_stored_vectors(tmp_path):
    corpus = files.read_table(paths.Corpus.RECIPES, "corpus").to_pylist()
    stored = files.read_array(paths.Index.RECIPES, "index")
    lines = [
        json.dumps({key: row[key] for key in ("id", "title", "ingredients", "instructions")})
        for row in corpus
    ]
    (tmp_path / "r.jsonl").write_text("\n".join([*lines, "{broken", "{}", lines[0]]))
    for given, least in ((tmp_path / "r.jsonl", 3), (paths.Kitchen.FOLDER / "recipe1m", 0)):
        done = embed(given, tmp_path / "r.parquet")
        assert done.exit_code == 0 and " recipes embedded, " in done.output, done.output
        rows = dict(zip(*read_vectors(tmp_path / "r.parquet"), strict=True))
        found = [rows[row["id"]] for row in corpus]
        np.testing.assert_allclose(found, stored, atol=1e-4)
        assert len(done.stderr.splitlines()) >= least
    assert pq.read_metadata(tmp_path / "r.parquet").num_columns == 2


def test_lines_that_cannot_be_used_are_told(tmp_path):
    (tmp_path / "r.jsonl").write_text('{"title": "Soup"}\n{broken\n{"id": "x", "name": "Cake"}\n{}\n')
    done = embed(tmp_path / "r.jsonl", tmp_path / "r.npy")
    assert done.exit_code == 0 and "2 recipes embedded, 2 left out" in done.output
    assert json.loads((tmp_path / "r.json").read_text()) == ["1", "x"]
    assert np.load(tmp_path / "r.npy").shape[0] == 2
    assert done.stderr.splitlines()[0] == "left out: record 2: broken JSON"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("r.jsonl", '{"title": ""}\n', "no recipes that can be used, 1 left out; record 1: holds no text"),
        ("r.txt", "Soup", "needs a JSON array of records, or JSON Lines"),
        ("r.jpg", "", "is a photo: give the folder that it is in"),
    ],
)
def test_a_file_without_recipes_is_told(tmp_path, name, text, told):
    (tmp_path / name).write_text(text)
    for out in ("out.npy", "out.parquet"):
        done = embed(tmp_path / name, tmp_path / out)
        assert done.exit_code == 2 and told in done.stderr and len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("out", ["r.npy", "./r.npy"])
def test_what_is_read_is_not_written_over(tmp_path, out):
    (tmp_path / "r.json").write_text('[{"title": "Soup"}]')
    done = embed(tmp_path / "r.json", tmp_path / out)
    assert done.exit_code == 2 and "which is read: give another name" in done.stderr
    assert (tmp_path / "r.json").read_text() == '[{"title": "Soup"}]'
