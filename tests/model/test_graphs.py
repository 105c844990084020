"""The parts of the graphs against the code that they stand for."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from seje.errors import SejeError
from seje.instructions.encoders import Mean, Skip
from seje.instructions.skip import SkipEncoder, SkipSizes
from seje.joint.cnn import Cnn
from seje.model.image_graph import Told, Views, plain, side_of
from seje.model.photo_encoder import Describer
from seje.model.recipe_encoder import RecipeEncoder, RecipeText
from seje.model.recipe_graph import RecipeGraph, feed, inputs_of, vocabulary
from seje.ranking.lsa import word_space
from seje.text.vectors import WordVectors
from seje.towers.embedding import embed_recipes
from seje.towers.joint_model import JointModel, ModelSizes
from seje.vision.classifier import build
from seje.vision.description import describe
from seje.vision.transforms import VIEWS, Squares, view

WORDS = ["chop", "stir", "the", "onion", "tomato", ",", "soup"]
RECIPES = [
    RecipeText("Tomato soup", ["tomato", "onion"], ["Chop the onion, stir.", "___", "Stir tomato qwertz"]),
    RecipeText("Onion", [], []),
    RecipeText("", ["Tomato, onion"], ["Stir the soup " * 5]),
    RecipeText(),
    RecipeText("___", ["___"], ["___"]),
]


@pytest.mark.parametrize("side", [32, 40, 57])
def test_views_are_those_of_the_transforms(side):
    random = np.random.default_rng(side)
    photos = torch.from_numpy(random.integers(0, 256, (3, 3, side, side), np.uint8))
    crop = side * 7 // 8
    found = Views(VIEWS, crop)(photos.permute(0, 2, 3, 1)).unflatten(0, (VIEWS, 3))
    for number in range(VIEWS):
        off = (found[number] - view(photos, number, crop)).abs().mul(0.225 * 255)
        # Levels of 255: how torch rounds a resized uint8 differs between processors.
        assert off.max() < 2.1 and off.mean() < 0.3


@pytest.mark.parametrize(("views", "soft", "doubt"), [(1, False, False), (2, True, False), (3, False, True)])
def test_what_is_told_is_what_the_description_tells(views, soft, doubt):
    torch.manual_seed(0)
    classifier = build("resnet18", "none", 3, 28, "32").eval()
    nn.init.normal_(classifier.head.weight, std=0.4)
    table = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    pixels = np.random.default_rng(1).integers(0, 256, (6, 32, 32, 3), np.uint8)
    squares = Squares(lambda row: pixels[row], 6, 32)
    (described,) = describe(classifier, squares, np.arange(6), views)
    confidence = float(np.median(described.probabilities.max(1))) if doubt else 0.0
    describer = Describer(classifier, table, 32, views, soft, confidence)
    backbone = plain(classifier.backbone)
    with torch.no_grad():
        features, labels = Told(describer)(backbone(Views(views, 28)(torch.from_numpy(pixels))))
    np.testing.assert_allclose(features, described.pixels.mean(1, dtype=np.float32), atol=1e-2, rtol=1e-2)
    expected = described.label_vectors(table, soft, confidence)
    np.testing.assert_allclose(labels, expected, atol=1e-4)
    assert (expected == 0).all(1).sum() == (3 if doubt else 0)  # of six


def encoder(kind):
    torch.manual_seed(0)
    if kind == "skip":
        return Skip(SkipEncoder(SkipSizes(len(WORDS) + 4, 5, 6, 2)), WORDS, 7)
    matrix = np.random.default_rng(0).normal(size=(len(WORDS), 6)).astype(np.float32)
    return Mean(WordVectors({word: row for row, word in enumerate(WORDS)}, matrix))


def towers(**changes):
    return JointModel(
        replace(ModelSizes(0, 6, 0, 0, 4, 0, 0, ("sentences",), "lstm", 8, 16, 3, 0.2), **changes)
    ).eval()


@pytest.mark.parametrize("kind", ["skip", "mean"])
@pytest.mark.parametrize("recipe", ["lstm", "transformer"])
@pytest.mark.parametrize("words", [0, 5])
def test_recipes_by_ids_are_those_by_text(kind, recipe, words):
    space = word_space(["chop onion", "onion tomato soup", "tomato chop soup", "stir soup"], words or 1)
    width = space.axes.shape[1] if words else 0
    lines = 6 if recipe == "transformer" or words else 0  # the lstm with lines and without
    made = towers(recipe=recipe, lines=lines, words=width, linear=4 if words else 0)
    phase_one = RecipeEncoder(None, encoder(kind), space if words else None)
    inputs = feed(phase_one, made.sizes, RECIPES)
    assert list(inputs) == inputs_of(made.sizes)
    with torch.no_grad():
        given = {name: torch.from_numpy(array) for name, array in inputs.items()}
        found = RecipeGraph(made, phase_one)(**given)
    expected = embed_recipes(made, phase_one.features(RECIPES), np.arange(len(RECIPES)))
    np.testing.assert_allclose(found, expected, atol=1e-3)  # sentences are stored in float16


@pytest.mark.parametrize("kind", ["skip", "mean"])
def test_an_id_is_the_place_of_its_word(kind):
    made, sentences = towers(), encoder(kind)
    names = vocabulary(sentences)
    ids = feed(RecipeEncoder(None, sentences, None), made.sizes, RECIPES)["instructions"][0, 0]
    spelt = "chop the onion , stir <unknown> </s>" if kind == "skip" else "chop the onion stir"
    assert [names[number] for number in ids if number] == spelt.split()
    assert names[0] == "<padding>"


def test_one_graph_sees_one_size():
    network = build("resnet18", "none", 3, 28, "32")
    describer = Describer(network, np.zeros((3, 4), np.float32), 32, 1, False, 0)
    assert side_of(describer, None) == side_of(describer, Cnn(copy.copy(network.backbone), 32)) == 32
    with pytest.raises(SejeError, match=r"\(32, 48 pixels\), one graph takes one"):
        side_of(describer, Cnn(network.backbone, 48))
