import numpy as np
import pytest
import torch
from sklearn.cross_decomposition import CCA

from seje.evaluation import cca
from seje.evaluation.cca import fit_cca
from seje.retrieval.protocol import mean_metrics, ranked_draws
from seje.retrieval.ranks import Embeddings
from seje.towers.linear_part import LinearPart

Sides = tuple[dict[str, np.ndarray], dict[str, np.ndarray]]


def pairs(count: int, seed: int, noise: float = 0.3) -> Sides:
    """Recipes of two blocks, one of them noise, and photos that are a linear picture of the other."""
    random = np.random.default_rng(seed)
    words = (random.random((count, 16)) < 0.3).astype(np.float32)
    picture = np.random.default_rng(9).normal(size=(16, 24))
    pixels = words @ picture + noise * random.normal(size=(count, 24))
    recipes = {"noise": 100 * random.normal(size=(count, 40)).astype(np.float32), "words": words}
    return recipes, {"pixels": pixels.astype(np.float32)}


def batches(sides: Sides, size: int = 100) -> list[Sides]:
    count = len(next(iter(sides[0].values())))
    cuts = [slice(start, start + size) for start in range(0, count, size)]
    return [tuple({name: block[cut] for name, block in side.items()} for side in sides) for cut in cuts]


def score(images: Embeddings, recipes: Embeddings) -> float:
    found = mean_metrics(ranked_draws(images, recipes, len(images), 1, 0))
    return sum(way["R@1"] for way in found.values())


def test_it_finds_what_is_linear_in_pairs_that_it_has_not_seen():
    fitted = fit_cca(batches(pairs(600, 0)), pairs(100, 1), score)
    recipes, photos = pairs(100, 2)
    images, texts = fitted.photos.embed(photos), fitted.recipes.embed(recipes)
    assert np.linalg.norm(images, axis=1) == pytest.approx(np.ones(100), abs=1e-5)
    found = mean_metrics(ranked_draws(images, texts, 100, 1, 0))
    assert all(way["MedR"] <= 3 for way in found.values())


def test_val_leaves_out_a_block_that_only_disturbs():
    """Of 40 train pairs, 40 numbers of noise would be learnt by heart."""
    fitted = fit_cca(batches(pairs(40, 0)), pairs(200, 1), score)
    assert fitted.choice.recipe == ("words",) and fitted.choice.photo == ("pixels",)
    chosen = fitted.chosen()
    assert chosen["recipe"] == ["words"] and chosen["ridge"] in cca.RIDGES
    assert chosen["val_score"] == fitted.score > 0


def test_what_val_chooses_is_the_best_of_the_grid():
    train, val = pairs(200, 0), pairs(80, 1)
    fitted, asked = fit_cca(batches(train), val, score), []
    fit_cca(batches(train), val, lambda *sides: asked.append(score(*sides)) or asked[-1])
    assert fitted.score == max(asked)
    # The noise, the words, and both; four ridges; 16 words and 24 pixels leave one number of axes or two.
    assert len(asked) >= 3 * len(cca.RIDGES)
    again = score(fitted.photos.embed(val[1]), fitted.recipes.embed(val[0]))
    assert again == fitted.score


def test_the_axes_are_those_of_the_model_s_linear_part(monkeypatch):
    """The same blocks and ridge give the same similarities as `joint.linear`, solved another way."""
    monkeypatch.setattr(cca, "RIDGES", (2.0,))
    recipes, photos = pairs(300, 3)
    fitted = fit_cca(batches((recipes, photos)), (recipes, photos), lambda *_: 1.0)  # the first: noise alone
    part = LinearPart(40, 24, 24)
    read = [
        (torch.tensor(one["noise"]), torch.tensor(two["pixels"])) for one, two in batches((recipes, photos))
    ]
    part.fit(read, ([40], [24]), 2.0)
    theirs = part.recipe(torch.tensor(recipes["noise"])) @ part.image(torch.tensor(photos["pixels"])).T
    ours = fitted.recipes.embed(recipes) @ fitted.photos.embed(photos).T
    assert ours == pytest.approx(theirs.numpy(), abs=1e-3)


def test_its_first_axis_is_that_of_scikit_learn(monkeypatch):
    monkeypatch.setattr(cca, "RIDGES", (1e-6,))
    recipes, photos = pairs(400, 2)
    recipes = {"words": recipes["words"]}
    fitted = fit_cca(batches((recipes, photos)), (recipes, photos), score)
    theirs = CCA(n_components=1, max_iter=20000, tol=1e-12).fit(recipes["words"], photos["pixels"])
    ours = recipes["words"] @ fitted.recipes.axes[:, 0]
    assert abs(np.corrcoef(ours, theirs.transform(recipes["words"])[:, 0])[0, 1]) == pytest.approx(
        1, abs=0.01
    )


def test_scale_of_a_block_does_not_matter():
    recipes, photos = pairs(300, 4)
    louder = {"noise": recipes["noise"], "words": 1000 * recipes["words"]}
    plain, scaled = (fit_cca(batches((r, photos)), (r, photos), score) for r in (recipes, louder))
    assert plain.choice == scaled.choice
    ours = plain.recipes.embed(recipes) @ plain.photos.embed(photos).T
    theirs = scaled.recipes.embed(louder) @ scaled.photos.embed(photos).T
    assert ours == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_two_pairs_and_a_side_that_says_nothing_give_finite_vectors(constant):
    recipes = {"words": np.full((2, 3), constant, np.float32)}
    photos = {"pixels": np.eye(2, 6, dtype=np.float32), "labels": np.zeros((2, 4), np.float32)}
    fitted = fit_cca([(recipes, photos)], (recipes, photos), score)
    assert np.isfinite(fitted.recipes.embed(recipes)).all() and np.isfinite(fitted.photos.embed(photos)).all()
    assert fitted.score == 0  # ties count against it
