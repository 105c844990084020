import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from seje.instructions import distinct
from seje.instructions.distinct import distinct_sentences, titled, with_recipe_end
from seje.instructions.sentences import END, RECIPE_END, number

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


@given(RECIPES, st.booleans())
def test_neighbours_are_those_of_a_loop(drawn, previous):
    recipes, chosen = [lines for lines, _ in drawn], [flag for _, flag in drawn]
    lines = distinct_sentences(column(recipes))
    texts = list(lines.texts())
    words = ["mix", "a", "bake", "b", "serve", "."]
    sentences = with_recipe_end(number(texts, words, 9))
    assert sentences.padded(np.array([len(texts)])).tolist() == [[RECIPE_END, END]]
    expected = []
    for recipe, flag in zip(recipes, chosen, strict=True):
        rows = [texts.index(text) for text in recipe if flag and text]
        edges = [len(texts), *rows, len(texts)]
        expected += [
            (edges[place], edges[place + 1], edges[place - 1])[: 2 + previous]
            for place in range(1, len(rows) + 1)
        ]
    found = lines.neighbours(np.array(chosen, bool), sentences, previous)
    assert found.shape == (len(expected), 2 + previous)
    assert [tuple(pair) for pair in found.tolist()] == expected


@given(RECIPES)
def test_chunks_lead_to_every_instruction(drawn):
    lines = distinct_sentences(column([recipe for recipe, _ in drawn]))
    size, distinct.CHUNK = distinct.CHUNK, 2
    try:
        seen = list(lines.chunks())
    finally:
        distinct.CHUNK = size
    assert all(len(texts) <= 2 for texts, _, _ in seen)
    assert [text for texts, _, _ in seen for text in texts] == list(lines.texts())
    found = {place: texts[row] for texts, *both in seen for place, row in zip(*both, strict=True)}
    assert [found[place] for place in range(len(lines.rows))] == [
        line for recipe, _ in drawn for line in recipe
    ]


def test_a_recipe_without_a_list_has_no_instructions():
    lines = distinct_sentences(
        pa.chunked_array([pa.array([["a", None], None, ["a"]], pa.list_(pa.string()))])
    )
    assert lines.offsets.tolist() == [0, 2, 2, 3] and list(lines.texts()) == ["a", ""]


@given(st.lists(st.tuples(st.text(max_size=3), st.lists(st.text(max_size=3), max_size=3)), max_size=5))
def test_titles_stand_before_the_lines(recipes):
    titles = pa.chunked_array([[title for title, _ in recipes]], pa.string())
    lists = pa.chunked_array([[lines for _, lines in recipes]], pa.list_(pa.string()))
    assert titled(titles, lists).to_pylist() == [[title, *lines] for title, lines in recipes]
