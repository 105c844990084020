import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from PIL import Image
from typer.testing import CliRunner

from seje.cli import app
from seje.data.fingerprint import fingerprint
from seje.errors import SejeError
from seje.index.faiss_index import exact
from seje.index.milvus import Milvus
from seje.model.recipe_encoder import RecipeText
from seje.photos.decoding import locate
from seje.photos.store import Photos
from seje.search.nearest import combine
from seje.search.opening import open_search
from seje.workspace import files, params, paths

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def folder(small_pipeline, monkeypatch):
    monkeypatch.chdir(small_pipeline)


def sections():
    return params.load(Path("params.yaml"))


def run(*words):
    return CliRunner().invoke(app, ["search", *words])


def found(*words):
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["hits"]


def a_photo(row=0):
    store = Photos(paths.Images.PHOTOS)
    folder = Path(sections().corpus.source) / "images"
    return locate(folder, str(store.photos[row]), str(store.partitions[row]))


def test_a_photo_finds_what_exact_search_finds():
    recipes, photos = (files.read_array(path, "index") for path in (paths.Index.RECIPES, paths.Index.PHOTOS))
    ids = files.read_table(paths.Index.RECIPE_ITEMS, "index")["id"].to_pylist()
    _, rows = exact(np.asarray(photos[3:4]), recipes, 5)
    hits = found(str(a_photo(3)), "-k", "5")
    assert [hit["id"] for hit in hits] == [ids[row] for row in rows[0]]
    nearest = float(photos[3] @ recipes[rows[0, 0]])
    assert hits[0]["score"] == pytest.approx(nearest, abs=2e-3)  # of float16


def test_a_photo_finds_itself_and_a_recipe_finds_itself(tmp_path):
    name = Photos(paths.Images.PHOTOS).photos[4]
    first = found(str(a_photo(4)), "--for", "photos")[0]
    assert (first["photo"], first["path"]) == (name, str(a_photo(4)))
    row = files.read_row(paths.Corpus.RECIPES, "corpus", 9)
    asked = {"title": row["title"], "ingredients": [{"text": line} for line in row["ingredients"]]}
    (tmp_path / "recipe.json").write_text(json.dumps(asked | {"instructions": row["instructions"]}))
    first = found("--recipe", str(tmp_path / "recipe.json"), "--for", "recipes", "-k", "1")[0]
    assert first["id"] == row["id"] and first["score"] == pytest.approx(1, abs=1e-2)
    assert first["terms"] and len(first["terms"]) <= 6


def test_words_and_ingredients_find_photos():
    assert len(found("tomato soup", "-k", "3")) == 3
    assert all(hit["photo"] for hit in found("--ingredients", "egg, flour, milk"))


def test_arithmetic_is_that_of_vectors():
    words = ["--plus", "tomato soup", "--minus", "soup", "--plus", "salad", "--for", "recipes"]
    asked = found(*words, "-k", "4")
    search = open_search(None, None)
    texts = [RecipeText(title) for title in ("tomato soup", "soup", "salad")]
    plus, minus, other = search.model.embed_recipes(texts)
    vector = plus - minus + other
    hits = search.find(vector / np.linalg.norm(vector), "recipes", 4)
    assert [hit["id"] for hit in hits] == [hit["id"] for hit in asked]


def test_a_category_alone():
    search = open_search(None, None)
    vector = np.asarray(files.read_array(paths.Index.PHOTOS, "index")[0])
    names = {search.recipe(hit["id"])["category"] for hit in search.find(vector, "recipes", 1000)}
    for name in names:
        hits = search.find(vector, "recipes", 3, name)
        everything = [hit for hit in search.find(vector, "recipes", 1000) if hit["category"] == name]
        assert hits == everything[:3] == search.find(vector, "recipes", 3, f" {name.upper()} ")
    with pytest.raises(SejeError, match="no category is called 'x'"):
        search.find(vector, "recipes", 1, "x")


def test_a_table_and_a_contact_sheet(tmp_path):
    done = run("tomato soup", "-k", "7", "--open", str(tmp_path / "sheet.html"))
    assert done.exit_code == 0 and "main key terms" in done.output
    assert done.stderr == f"the answers as cards: {tmp_path / 'sheet.html'}\n"  # nobody sits before this
    sheet = (tmp_path / "sheet.html").read_text()
    photos = [base64.b64decode(data) for data in re.findall('base64,([^"]*)"', sheet)]
    small = sections().images.size
    assert [min(Image.open(io.BytesIO(photo)).size) > small for photo in photos] == [
        True
    ] * 7  # the originals
    assert '<h1 dir="auto">tomato soup</h1>' in sheet and sheet.count("<li>") == 7


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "nothing asked"),
        ([" "], "nothing asked"),
        (["nope.jpg"], "nope.jpg: no such photo"),
        (["params.yaml"], "not an image"),
        (["--recipe", "nope.json"], "nope.json: No such file"),
        (["--recipe", "params.yaml"], "--recipe: params.yaml: Expecting value"),
        (["--plus", "salad", "--minus", "salad"], "nothing is left"),
        (["salad", "--category", "nope"], "no category is called 'nope'"),
        (["salad", "--category", "\udce9\n"], r"no category is called '\udce9\n'"),
        ([""], "nothing asked"),
        (["--plus", "", "--minus", " "], "nothing asked"),
        (["\udce9"], "nothing asked"),
        (["\u00e9" * 150 + ".jpg"], "no such photo"),
        (["n" * 300 + ".jpg"], "no such photo"),
        (["new\nline.jfif"], r"new\nline.jfif: no such photo"),
        (["pipeline/corpus"], "is a folder"),
        (["."], "is a folder"),
        (["soup", "--plus", "./pipeline"], "is a folder"),
        (["pipeline/categories/classifier.safetensors"], "this photo cannot be used: not an image"),
        (["--recipe", "."], "--recipe: .: Is a directory"),
        (["--recipe", "n" * 300], "File name too long"),
        (["--recipe", "/dev/zero"], "more than 20 MB"),
        (["--recipe", "pipeline/index/photos.npy"], "not a text file"),
        (["--recipe", "pipeline/corpus/recipes.parquet"], "--recipe: pipeline/corpus/recipes.parquet: "),
        (["soup", "--open", "x.txt"], "--open x.txt: needs a file name that ends in .html"),
        (["soup", "--open", "missing/x.html"], "--open missing/x.html: cannot be written: No such file"),
    ],
)
def test_mistakes_get_one_line(words, told):
    one_line(run(*words), told)


def one_line(done, told):
    assert done.exit_code == 2, done.output
    assert told in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not done.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{"title": NaN}', "title is not a string"),
        (b'{"title": ' + b"9" * 5000 + b"}", "--recipe: recipe.json: Exceeds the limit"),
        (b'{"title": ' + b"[" * 100_000, "nested too deeply"),
        (b"", "Expecting value"),
        (b"[]", "needs an object"),
        (b'{"title": null}', "nothing asked"),
        (b'{"ingredients": [{"text": 1e999}]}', "a line of ingredients has no text"),
        (b"cr\xe8me", "not a text file"),
        (b'{"title": "asdfghjkl"}', "no word of 'asdfghjkl' is known"),
    ],
)
def test_a_recipe_file_that_is_none_gets_one_line(text, told, tmp_path, monkeypatch, small_pipeline):
    (tmp_path / "recipe.json").write_bytes(text)
    for name in ("params.yaml", "pipeline"):
        (tmp_path / name).symlink_to(small_pipeline / name)
    monkeypatch.chdir(tmp_path)
    one_line(run("--recipe", "recipe.json"), told)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_recipe_file_may_have_a_byte_order_mark_and_half_characters(code, tmp_path):
    (tmp_path / "recipe.json").write_bytes('{"title": "tomato \\ud83d soup \\u0000"}'.encode(code))
    asked = ["--recipe", str(tmp_path / "recipe.json"), "-k", "3"]
    assert found(*asked) == found("tomato soup", "-k", "3")


@pytest.mark.parametrize("text", ["asdfghjkl", "\u5bff\u53f8", "the the the", "1 2 3", "\U0001f35d"])
def test_gibberish_is_not_answered(text):
    for words in ([text], ["--ingredients", text], ["soup", "--plus", text], ["soup", "--minus", text]):
        one_line(run(*words), f"no word of '{text}' is known")


def test_words_that_are_not_known_are_named_and_the_others_answered():
    done = run("asdfghjkl tomato", "--ingredients", "qwertz, egg", "--plus", "zzyzx soup", "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 0 and said["hits"]
    assert sorted(said["unknown"]) == ["asdfghjkl", "qwertz", "zzyzx"]
    assert done.stderr.splitlines()[0] == f"not known: {', '.join(said['unknown'])}"
    assert run("tomato soup").stderr == ""


def test_a_photo_of_no_dish_is_answered_with_a_doubt(chessboard):
    done = run(str(chessboard), "-k", "2")
    assert done.exit_code == 0 and "main key terms" in done.stdout
    begin = f"{chessboard}: not sure: the model learnt from nothing like this photo; "
    assert done.stderr.startswith(begin) and done.stderr.count("\n") == 1
    said = json.loads(run(str(chessboard), "-k", "2", "--json").stdout)
    (doubt,) = said["doubts"]
    assert len(said["hits"]) == 2 and doubt["calibrated"] and doubt["nearer"] >= 0.9
    assert doubt["reason"] + "\n" == done.stderr
    dish = run(str(a_photo(3)), "--json")
    assert dish.stderr == "" and json.loads(dish.stdout)["doubts"] == []


def test_each_part_of_a_question_is_doubted_by_itself(chessboard):
    words = ["zzyzx qwertz asdfgh soup", "--plus", str(chessboard), "--plus", "tomato soup"]
    doubts = json.loads(run(*words, "--json").stdout)["doubts"]
    assert [("photo" in doubt["reason"], "words" in doubt["reason"]) for doubt in doubts] == [
        (True, False), (False, True),
    ]  # fmt: skip


def test_what_the_terminal_cannot_spell_is_shown_as_its_code(small_pipeline):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "seje", "search", b"tomato cr\xe8me \xc3\xa9"]
    done = subprocess.run(command, cwd=small_pipeline, env=environment, capture_output=True)
    assert done.returncode == 0 and b"rank" in done.stdout and b"Traceback" not in done.stderr
    assert run("tomato soup", "--json").stdout.isascii()


def test_without_an_index_the_stage_is_named(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text(Path("params.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    done = run("salad")
    assert done.exit_code == 2 and "run `dvc repro index`" in done.stderr


def test_combine_is_the_unit_vector_of_the_sum():
    one, two = np.eye(3, dtype=np.float32)[:2]
    np.testing.assert_allclose(combine([one], [two]), (one - two) / np.sqrt(2), rtol=1e-6)


def test_milvus_finds_what_faiss_finds(small_pipeline, tmp_path):
    faiss = json.loads((paths.Index.FOLDER / "index.json").read_text())
    elsewhere = tmp_path / "index"
    shutil.copytree(paths.Index.FOLDER, elsewhere)
    uri = str(elsewhere / "milvus.db")
    for name, path in (("recipes", paths.Index.RECIPES), ("photos", paths.Index.PHOTOS)):
        vectors = files.read_array(path, "index")
        Milvus.build(uri, f"seje_{name}", fingerprint(path), vectors).close()
    (elsewhere / "index.json").write_text(json.dumps(faiss | {"uri": "milvus.db"}))
    there, here = open_search(None, elsewhere), open_search(None, None)
    vector = np.asarray(files.read_array(paths.Index.PHOTOS, "index")[2])
    for side in ("recipes", "photos"):
        ids = [[hit["id"] for hit in search.find(vector, side, 5)] for search in (there, here)]
        assert ids[0] == ids[1]
    Milvus.build(uri, "seje_photos", "another", vectors).close()
    with pytest.raises(SejeError, match=r"holds other seje_photos than .* run `dvc repro index`"):
        open_search(None, elsewhere)


def test_away_from_the_repository(small_pipeline, tmp_path, monkeypatch):
    """A copied model, a copied index, and nothing else: the same answers."""
    photo = next(Path("pipeline/kitchen/recipe1m/images").rglob("*.jpg")).absolute()
    here = found(str(photo))
    for name in ("model", "index"):
        shutil.copytree(f"pipeline/{name}", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    away = found(str(photo), "--model", "model", "--index", "index")
    assert [hit | {"path": None} for hit in here] == away and len(away) == 10
    sheet = tmp_path / "sheet.html"
    assert run("soup", "--model", "model", "--index", "index", "--open", str(sheet)).exit_code == 0
    assert sheet.read_text().count("data:image/jpeg") == 10  # as they are stored


def test_an_index_of_another_model_is_refused(small_pipeline, deep_pipeline):
    done = run("soup", "--model", str(deep_pipeline / "pipeline/model"))
    assert (
        done.exit_code == 2 and "was made by the model" in done.stderr and len(done.stderr.splitlines()) == 1
    )
