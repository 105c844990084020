"""A corpus item asked anew gets the embedding that is stored."""

from pathlib import Path

import numpy as np
import pytest

from seje.model.recipe_encoder import RecipeText, recipe_of
from seje.photos.decoding import BadPhoto, locate
from seje.photos.store import Photos
from seje.search.query_encoder import QueryEncoder
from seje.workspace import files, params, paths

pytestmark = pytest.mark.slow


@pytest.fixture(params=["small_pipeline", "deep_pipeline"])
def asking(request, monkeypatch):
    monkeypatch.chdir(request.getfixturevalue(request.param))
    sections = params.load(Path("params.yaml"))
    return QueryEncoder(sections.ranking, sections.images)


def test_a_recipe_of_the_corpus_asked_anew_gets_the_stored_embedding(asking):
    stored = files.read_array(paths.Index.RECIPES, "index")
    rows = files.read_table(paths.Corpus.RECIPES, "corpus").to_pylist()
    assert {row["partition"] for row in rows} == {"train", "val", "test"}
    texts = [RecipeText(row["title"], row["ingredients"], row["instructions"]) for row in rows]
    assert asking.recipe_encoder.read(texts).words.shape == (len(rows), 16)
    np.testing.assert_allclose(asking.recipes(texts), stored, atol=1e-4)
    for row in (0, 7, len(rows) - 1):
        np.testing.assert_allclose(asking.recipes([texts[row]])[0], stored[row], atol=1e-4)


def test_a_photo_of_the_corpus_asked_anew_gets_the_stored_embedding(asking):
    stored, store = files.read_array(paths.Index.PHOTOS, "index"), Photos(paths.Images.PHOTOS)
    folder = Path(params.load(Path("params.yaml")).corpus.source) / "images"
    names = zip(store.photos.tolist(), store.partitions.tolist(), strict=True)
    originals = [locate(folder, name, partition) for name, partition in names]
    jpegs = [asking.photo_encoder.shrink(path) for path in originals]
    np.testing.assert_allclose(asking.photos(jpegs), stored, atol=1e-4)
    alone = asking.photos([asking.photo_encoder.shrink(originals[5].read_bytes())])
    np.testing.assert_allclose(alone[0], stored[5], atol=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        RecipeText("greek yogurt with honey"),
        RecipeText(ingredients=["2 eggs"]),
        RecipeText(instructions=["Stir."]),
        RecipeText("\U0001f35d"),
        RecipeText(),
    ],
)
def test_any_part_may_be_missing(asking, text):
    (vector,) = asking.recipes([text])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_a_photo_that_costs_too_much_is_refused_unread(asking):
    photo = bytearray(Photos(paths.Images.PHOTOS).jpeg(0))
    size = photo.index(b"\xff\xc0") + 5
    photo[size : size + 4] = b"\x4e\x20\x4e\x20"  # 20,000 x 20,000 pixels
    with pytest.raises(BadPhoto, match="too large"):
        asking.photo_encoder.shrink(bytes(photo))


def test_a_recipe_of_json():
    assert recipe_of({"title": " a\tb ", "ingredients": [{"text": "egg"}, " ", "milk"]}) == RecipeText(
        "a b", ["egg", "milk"], []
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "needs an object"),
        ({"name": "x"}, "needs an object"),
        ({"title": 3}, "title is not a string"),
        ({"title": "a", "ingredients": "egg"}, "ingredients is not a list"),
        ({"title": "a", "instructions": [{"line": "x"}]}, "a line of instructions has no text"),
    ],
)
def test_what_is_no_recipe_is_told(data, told):
    with pytest.raises(ValueError, match=told):
        recipe_of(data)
