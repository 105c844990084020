import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from seje import files, lineage, params, paths
from seje.cli import app
from seje.data.photos import locate
from seje.data.store import Photos
from seje.errors import SejeError
from seje.retrieval.index import exact
from seje.retrieval.milvus import Milvus
from seje.search import Search, combine
from seje.text.reader import RecipeText

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
    return json.loads(done.stdout)


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
    search = Search(sections())
    texts = [RecipeText(title) for title in ("tomato soup", "soup", "salad")]
    plus, minus, other = search.asking.recipes(texts)
    vector = plus - minus + other
    hits = search.find(vector / np.linalg.norm(vector), "recipes", 4)
    assert [hit["id"] for hit in hits] == [hit["id"] for hit in asked]


def test_a_category_alone():
    search = Search(sections())
    vector = np.asarray(files.read_array(paths.Index.PHOTOS, "index")[0])
    names = {search.recipe(hit["id"])["category"] for hit in search.find(vector, "recipes", 1000)}
    for name in names:
        hits = search.find(vector, "recipes", 3, name)
        everything = [hit for hit in search.find(vector, "recipes", 1000) if hit["category"] == name]
        assert hits == everything[:3]
    with pytest.raises(SejeError, match="no category is called 'x'"):
        search.find(vector, "recipes", 1, "x")


def test_a_table_and_a_contact_sheet(tmp_path):
    done = run("tomato soup", "-k", "7", "--open", str(tmp_path / "sheet.png"))
    assert done.exit_code == 0 and "main key terms" in done.output
    assert Image.open(tmp_path / "sheet.png").size == (1000, 2 * 234)


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
    ],
)
def test_mistakes_get_one_line(words, told):
    done = run(*words)
    assert done.exit_code == 2
    assert told in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_without_an_index_the_stage_is_named(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text(Path("params.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    done = run("salad")
    assert done.exit_code == 2 and "run `dvc repro index`" in done.stderr


def test_combine_is_the_unit_vector_of_the_sum():
    one, two = np.eye(3, dtype=np.float32)[:2]
    np.testing.assert_allclose(combine([one], [two]), (one - two) / np.sqrt(2), rtol=1e-6)


def test_milvus_finds_what_faiss_finds(small_pipeline, monkeypatch):
    for name, path in (("recipes", paths.Index.RECIPES), ("photos", paths.Index.PHOTOS)):
        vectors = files.read_array(path, "index")
        origin = lineage.fingerprint(path)
        Milvus.build(paths.milvus("milvus.db"), f"seje_{name}", origin, vectors).close()
    index = sections().index.model_copy(update={"uri": "milvus.db"})
    there, here = Search(sections().model_copy(update={"index": index})), Search(sections())
    vector = np.asarray(files.read_array(paths.Index.PHOTOS, "index")[2])
    for side in ("recipes", "photos"):
        ids = [[hit["id"] for hit in search.find(vector, side, 5)] for search in (there, here)]
        assert ids[0] == ids[1]
    Milvus.build(paths.milvus("milvus.db"), "seje_photos", "another", vectors).close()
    with pytest.raises(SejeError, match=r"holds other seje_photos than .* run `dvc repro index`"):
        Search(sections().model_copy(update={"index": index}))


def test_embed_writes_a_row_for_every_photo_that_can_be_read(tmp_path):
    (tmp_path / "photos/more").mkdir(parents=True)
    for name, row in (("b.jpg", 1), ("more/a.jpg", 0)):
        (tmp_path / "photos" / name).write_bytes(a_photo(row).read_bytes())
    (tmp_path / "photos/broken.png").write_text("no photo")
    out = tmp_path / "out.npy"
    done = CliRunner().invoke(app, ["embed", str(tmp_path / "photos"), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "2 photos embedded, 1 left out" in done.output and "broken.png: not an image" in done.output
    names = [Path(line).name for line in out.with_suffix(".txt").read_text().splitlines()]
    assert names == ["b.jpg", "a.jpg"]
    stored = files.read_array(paths.Index.PHOTOS, "index")
    np.testing.assert_allclose(np.load(out), stored[[1, 0]], atol=1e-4)
    done = CliRunner().invoke(app, ["embed", str(tmp_path / "none"), "-o", str(out)])
    assert done.exit_code == 2 and "is not a folder" in done.stderr
