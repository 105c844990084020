"""A model in a folder of its own: a corpus item asked anew gets the embedding that is stored."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import seje
from seje.data.recipe_views import ASKED, seen
from seje.model.recipe_encoder import RecipeText, recipe_of
from seje.photos.decoding import BadPhoto, locate
from seje.photos.store import Photos
from seje.towers.embedding import embed_recipes
from seje.workspace import artefacts, files, params, paths

pytestmark = pytest.mark.slow


KINDS = [
    "small_pipeline",
    "deep_pipeline",
    "text_pipeline",
    "timm_pipeline",
    "onnx_pipeline",
    "lite0_pipeline",
    "clip_pipeline",
]


# An LSTM; a transformer and a CNN that was trained along; a text encoder that was; a backbone of timm; an
# ONNX file; lite0; a CLIP.
@pytest.fixture(params=KINDS)
def model(request, monkeypatch, tmp_path):
    """A copy of the folder, where nothing else of the pipeline is."""
    monkeypatch.chdir(request.getfixturevalue(request.param))
    shutil.copytree(paths.Model.FOLDER, tmp_path / "taken away")
    return seje.load(tmp_path / "taken away")


def test_a_recipe_of_the_corpus_asked_anew_gets_the_stored_embedding(model):
    stored = files.read_array(paths.Index.RECIPES, "index")
    rows = files.read_table(paths.Corpus.RECIPES, "corpus").to_pylist()
    assert {row["partition"] for row in rows} == {"train", "val", "test"}
    texts = [RecipeText(row["title"], row["ingredients"], row["instructions"]) for row in rows]
    assert model.recipe_encoder.features(texts).words.shape == (len(rows), 1, 16)
    np.testing.assert_allclose(model.embed_recipes(texts), stored, atol=1e-4)
    for row in (0, 7, len(rows) - 1):
        np.testing.assert_allclose(model.embed_recipes([texts[row]])[0], stored[row], atol=1e-4)


# Not for instructions alone: the stage finds their key terms with the ingredients at hand.
@pytest.mark.parametrize("name", ["title", "ingredients", "no_instructions"])
def test_a_recipe_asked_without_a_part_gets_the_embedding_of_the_view_without_it(model, name):
    rows = files.read_table(paths.Corpus.RECIPES, "corpus").slice(0, 40).to_pylist()
    asked = [RecipeText(**seen(row, ASKED[name])) for row in rows]
    viewed = embed_recipes(model.towers, artefacts.joint_recipes(), np.arange(len(rows)), ASKED[name])
    np.testing.assert_allclose(model.embed_recipes(asked), viewed, atol=1e-4)


def test_a_photo_of_the_corpus_asked_anew_gets_the_stored_embedding(model):
    stored, store = files.read_array(paths.Index.PHOTOS, "index"), Photos(paths.Images.PHOTOS)
    folder = Path(params.load(Path("params.yaml")).corpus.source) / "images"
    names = zip(store.photos.tolist(), store.partitions.tolist(), strict=True)
    originals = [locate(folder, name, partition) for name, partition in names]
    np.testing.assert_allclose(model.embed_photos(originals, show_progress=True), stored, atol=1e-4)
    opened = Image.open(originals[5])
    forms = [str(originals[5]), originals[5].read_bytes(), opened, np.asarray(opened.convert("RGB"))]
    for vector in model.embed_photos(forms):
        np.testing.assert_allclose(vector, stored[5], atol=1e-4)


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
def test_any_part_may_be_missing(model, text):
    (vector,) = model.embed_recipes([text])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_a_photo_that_costs_too_much_is_refused_unread(model):
    photo = bytearray(Photos(paths.Images.PHOTOS).jpeg(0))
    size = photo.index(b"\xff\xc0") + 5
    photo[size : size + 4] = b"\x4e\x20\x4e\x20"  # 20,000 x 20,000 pixels
    with pytest.raises(BadPhoto, match="too large"):
        model.photo_encoder.shrink(bytes(photo))


def test_a_recipe_of_json():
    assert recipe_of({"title": " a\tb ", "ingredients": [{"text": "egg"}, " ", "milk"]}) == RecipeText(
        "a b", ["egg", "milk"], []
    )


def test_a_recipe_of_schema_org():
    steps = {
        "@type": "HowToSection",
        "itemListElement": [{"text": "Chop."}, {"@type": "HowToStep", "text": "Mix."}],
    }
    given = {"name": "Salad", "recipeIngredient": ["1 onion"], "recipeInstructions": [steps, "Serve."]}
    assert recipe_of(given) == RecipeText("Salad", ["1 onion"], ["Chop.", "Mix.", "Serve."])
    assert recipe_of({"name": "Salad", "recipeInstructions": "Chop.\nMix."}).instructions == ["Chop.", "Mix."]


def test_similarity_is_the_cosine(model):
    photos = model.embed_recipes(["tomato soup", {"title": "salad"}, RecipeText("cake")])
    cosines = model.similarity(photos, photos)
    np.testing.assert_allclose(np.diag(cosines), 1, atol=1e-5)
    assert cosines.shape == (3, 3) and model.embed_recipes([]).shape == (0, model.dimensions)


def test_terms_are_explained(model):
    terms = model.explain({"title": "Soup", "ingredients": ["2 tomatoes", "1 onion"]})
    assert {"tomato", "onion"} <= {term for term, _ in terms}
    assert [weight for _, weight in terms] == sorted((weight for _, weight in terms), reverse=True)


def test_the_folder_holds_data_alone_and_a_card(model):
    names = {path.name for path in model.folder.path.rglob("*") if path.is_file()}
    assert {Path(name).suffix for name in names - {"backbone.onnx"}} == {".safetensors", ".json", ".md"}
    card = (model.folder.path / "README.md").read_text()
    assert model.fingerprint in card and "| MedR |" in card and card.startswith("---\nlibrary_name: seje")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "needs an object"),
        ({"nom": "x"}, "needs an object"),
        ({"title": 3}, "title is not a string"),
        ({"title": "a", "ingredients": 3}, "ingredients is not a list"),
        ({"title": "a", "instructions": [{"line": "x"}]}, "a line of instructions has no text"),
    ],
)
def test_what_is_no_recipe_is_told(data, told):
    with pytest.raises(ValueError, match=told):
        recipe_of(data)
