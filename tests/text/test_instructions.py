import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from seje.text import instructions
from seje.text.instructions import distinct_sentences, with_recipe_end
from seje.text.sentences import END, RECIPE_END, number

RECIPES = st.lists(
    st.tuples(st.lists(st.sampled_from(["mix a", "bake b", "", "...", "serve"]), max_size=5), st.booleans()),
    max_size=5,
)


def column(recipes):
    return pa.chunked_array(
        [pa.array(recipes[:2], pa.list_(pa.string())), pa.array(recipes[2:], pa.list_(pa.string()))]
    )


@given(RECIPES)
def test_sentences_are_kept_once(drawn):
    recipes, chosen = [lines for lines, _ in drawn], [flag for _, flag in drawn]
    lines = distinct_sentences(column(recipes))
    texts = list(lines.texts())
    assert len(set(texts)) == len(texts)
    for recipe, start, stop in zip(recipes, lines.offsets[:-1], lines.offsets[1:], strict=True):
        assert [texts[row] for row in lines.rows[start:stop]] == recipe
    expected = [
        sum(recipe.count(text) for recipe, flag in zip(recipes, chosen, strict=True) if flag)
        for text in texts
    ]
    assert lines.counts(np.array(chosen, bool)).tolist() == expected


@given(RECIPES)
def test_pairs_are_those_of_a_loop(drawn):
    recipes, chosen = [lines for lines, _ in drawn], [flag for _, flag in drawn]
    lines = distinct_sentences(column(recipes))
    texts = list(lines.texts())
    words = ["mix", "a", "bake", "b", "serve", "."]
    sentences = with_recipe_end(number(texts, words, 9))
    assert sentences.padded(np.array([len(texts)])).tolist() == [[RECIPE_END, END]]
    expected = []
    for recipe, flag in zip(recipes, chosen, strict=True):
        rows = [texts.index(text) for text in recipe if flag and text]
        expected += zip(rows, rows[1:] + [len(texts)], strict=True) if rows else []
    found = lines.pairs(np.array(chosen, bool), sentences)
    assert found.shape == (len(expected), 2)
    assert [tuple(pair) for pair in found.tolist()] == expected


@given(RECIPES)
def test_places_lead_to_every_instruction(drawn):
    lines = distinct_sentences(column([recipe for recipe, _ in drawn]))
    size, instructions.CHUNK = instructions.CHUNK, 2
    try:
        seen = [(set(rows.tolist()), places) for rows, places in lines.places()]
    finally:
        instructions.CHUNK = size
    assert sorted(place for _, places in seen for place in places) == list(range(len(lines.rows)))
    assert all(set(lines.rows[places].tolist()) == rows for rows, places in seen)


def test_a_recipe_without_a_list_has_no_instructions():
    lines = distinct_sentences(
        pa.chunked_array([pa.array([["a", None], None, ["a"]], pa.list_(pa.string()))])
    )
    assert lines.offsets.tolist() == [0, 2, 2, 3] and list(lines.texts()) == ["a", ""]
