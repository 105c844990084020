import numpy as np
import pytest
from sklearn.cross_decomposition import CCA

from seje.retrieval.cca import fit_cca
from seje.retrieval.protocol import mean_measures, ranked_draws

WORDS = "rice soup basil lemon onion garlic flour butter sugar egg milk tomato bean leek corn plum".split()


def pairs(count: int, seed: int) -> tuple[list[str], np.ndarray]:
    """Recipes of a few words, and pixels that are a linear picture of them with noise."""
    random = np.random.default_rng(seed)
    has = random.random((count, len(WORDS))) < 0.3
    has[:, 0] = True
    picture = np.random.default_rng(9).normal(size=(len(WORDS), 24))
    texts = [" ".join(word for word, there in zip(WORDS, row, strict=True) if there) for row in has]
    return texts, (has @ picture + 0.3 * random.normal(size=(count, 24))).astype(np.float32)


def test_it_finds_what_is_linear_in_pairs_that_it_has_not_seen():
    fitted = fit_cca(*pairs(600, 0), seed=0)
    texts, pixels = pairs(100, 1)
    images, recipes = fitted.images(pixels), fitted.recipes(texts)
    assert np.linalg.norm(images, axis=1) == pytest.approx(np.ones(100), abs=1e-5)
    found = mean_measures(ranked_draws(images, recipes, 100, 1, 0))
    assert all(way["MedR"] <= 3 for way in found.values())


def test_its_first_axis_is_that_of_scikit_learn():
    texts, pixels = pairs(400, 2)
    fitted = fit_cca(texts, pixels, seed=0)
    placed = fitted.words.transform(texts)
    theirs = CCA(n_components=1, max_iter=20000, tol=1e-12).fit(placed, pixels)
    white = fitted.text_whitening.transform(placed) @ fitted.text_axes[:, :1]
    assert abs(np.corrcoef(white[:, 0], theirs.transform(placed)[:, 0])[0, 1]) == pytest.approx(1, abs=0.01)


def test_two_pairs_and_unknown_words_give_finite_vectors():
    fitted = fit_cca(["rice soup", "rice soup cake"], np.eye(2, 6, dtype=np.float32), seed=0)
    assert np.isfinite(fitted.recipes(["plum", ""])).all()
