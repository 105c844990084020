import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from test_tfidf import TERMS, occurrences

from seje.ranking import textrank as module
from seje.ranking.textrank import pagerank, textrank

RECIPES = st.lists(st.lists(TERMS, max_size=15), max_size=6)
WINDOWS, DAMPINGS = st.integers(2, 6), st.sampled_from([0.2, 0.85, 0.95])


def naive(terms, window, damping):
    graph = nx.Graph()
    graph.add_nodes_from(terms)
    for place, term in enumerate(terms):
        for other in terms[place + 1 : place + window]:
            if other != term:
                weight = graph.get_edge_data(term, other, {"weight": 0})["weight"]
                graph.add_edge(term, other, weight=weight + 1)
    return nx.pagerank(graph, damping, tol=1e-12, max_iter=2000) if terms else {}


def rows(scores, terms):
    for row in range(scores.shape[0]):
        part = scores[row]
        yield {terms[term]: score for term, score in zip(part.indices, part.data, strict=True)}


@given(RECIPES, WINDOWS, DAMPINGS)
def test_textrank_is_that_of_networkx_recipe_by_recipe(recipes, window, damping):
    found = occurrences(recipes)
    scores = textrank(found, window, damping)
    assert scores.shape == (len(recipes), len(found.terms)) and scores.dtype == np.float32
    assert (scores.data > 0).all()
    for terms, given_scores in zip(recipes, rows(scores, found.terms), strict=True):
        assert given_scores == pytest.approx(naive(terms, window, damping), rel=1e-4, abs=1e-6)


def test_no_term_one_term_and_the_same_term_again():
    found = occurrences([[], ["salt"], ["egg", "egg"], []])
    assert textrank(found, 3, 0.85).toarray().tolist() == [[0, 0], [1, 0], [0, 1], [0, 0]]
    assert textrank(occurrences([]), 3, 0.85).shape == (0, 0)
    assert textrank(occurrences([[]]), 3, 0.85).shape == (1, 0)


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4), DAMPINGS, st.randoms(use_true_random=False))
def test_pagerank_with_nodes_that_stand_alone(sizes, damping, random):
    graphs = [nx.gnp_random_graph(size, 0.3, seed=random.randrange(1000)) for size in sizes]
    for graph in graphs:
        nx.set_edge_attributes(graph, {edge: random.randint(1, 4) for edge in graph.edges}, "weight")
    expected = [nx.pagerank(graph, damping, tol=1e-12, max_iter=2000) for graph in graphs]
    together = sp.block_diag([nx.to_scipy_sparse_array(graph, dtype=float) for graph in graphs])
    scores = pagerank(sp.csr_matrix(together), np.repeat(np.arange(len(sizes)), sizes), damping)
    wanted = [score for found in expected for _, score in sorted(found.items())]
    assert scores == pytest.approx(wanted, abs=2e-7)


def test_a_recipe_has_the_same_scores_in_any_block(monkeypatch):
    recipes = [["salt", "egg", "chop", "salt", "oil"], [], ["oil"], ["egg", "oil", "pan"], ["pan", "chop"]]
    found = occurrences(recipes)
    whole = textrank(found, 4, 0.85)
    assert list(whole.indices) == [0, 1, 2, 3, 3, 1, 3, 4, 2, 4]
    monkeypatch.setattr(module, "ROWS", 2)
    assert (textrank(found, 4, 0.85) != whole).nnz == 0
    assert (textrank(occurrences(recipes[:1]), 4, 0.85).data == whole[0].data).all()


def test_a_term_with_many_neighbours_weighs_more_than_one_at_the_edge():
    found = occurrences([["egg", "salt", "oil", "salt", "pan"]])
    egg, salt, oil, pan = textrank(found, 2, 0.85).toarray()[0]
    assert salt > oil > egg == pan
