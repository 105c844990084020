from types import SimpleNamespace

import numpy as np
import pytest

from seje.evaluation import comparison
from seje.evaluation.comparison import Embedded
from seje.evaluation.within import UNKNOWN
from seje.retrieval.protocol import rank_pools
from seje.towers.features import Pairs

PROTOCOL = ([1000], 1, 0)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def embedded(photos: np.ndarray, recipes: np.ndarray) -> Embedded:
    rows = np.arange(len(photos))
    return Embedded(Pairs(rows, rows, np.ones_like(rows)), photos, recipes)


def of_sources(*names: str | None) -> SimpleNamespace:
    return SimpleNamespace(sources=names)


def test_the_parts_of_an_embedding_are_ranked_each_by_itself():
    """The trained half finds every match, the linear half none: both together lie between."""
    random = np.random.default_rng(0)
    same, left, right = (unit(random.normal(size=(40, 8))) for _ in "abc")
    photos, recipes = (np.concatenate([same, other], axis=1) / np.sqrt(2) for other in (left, right))
    model = SimpleNamespace(sizes=SimpleNamespace(embedding=8, linear=8))
    test = embedded(photos.astype(np.float32), recipes.astype(np.float32))
    found = comparison.parts(model, test, PROTOCOL)["parts"]
    first = {name: row["all"]["image_to_recipe"]["R@1"] for name, row in found.items()}
    assert list(first) == ["linear", "trained", "both"]
    assert first["trained"] == 1 and first["linear"] < 0.2
    (draw,) = rank_pools(left, right, *PROTOCOL)[40]
    assert found["linear"]["all"]["image_to_recipe"]["MedR"] == np.median(draw.image_to_recipe)
    assert found["both"]["spread"]["all"]["recipe_to_image"]["R@1"]["low"] <= first["both"]


def test_a_model_without_a_linear_part_has_no_parts():
    model = SimpleNamespace(sizes=SimpleNamespace(embedding=8, linear=0))
    assert comparison.parts(model, embedded(np.eye(3, 8), np.eye(3, 8)), PROTOCOL) == {}


def test_retrieval_within_a_source_is_what_is_left_without_its_style():
    random = np.random.default_rng(1)
    style = unit(random.normal(size=(10, 16))).repeat(6, axis=0)
    test = embedded(*(unit(style + 1e-3 * random.normal(size=style.shape)) for _ in "ab"))
    corpus = of_sources(*[None] * 6, *[f"site{row // 6}.org" for row in range(54)])
    ranked = rank_pools(test.photos, test.recipes, *PROTOCOL)
    found = comparison.within_source(corpus, test, ranked)["within_source"]
    assert (found["sources"], found["pairs_without_source"]) == (9, 6)
    assert found["all"]["image_to_recipe"]["R@10"] == 1  # six candidates each
    assert found["all"]["image_to_recipe"]["MedR"] == pytest.approx(3.5, abs=1)


@pytest.mark.parametrize("names", [(None,) * 4, ("one.org",) * 4, ("one.org", None, "one.org", None)])
def test_one_source_is_no_mixture(names):
    corpus = of_sources(*names)
    vectors = unit(np.random.default_rng(0).normal(size=(4, 3)))
    test = embedded(vectors, vectors)
    assert comparison.within_source(corpus, test, rank_pools(vectors, vectors, *PROTOCOL)) == {}


def test_background_is_no_true_category():
    assert comparison.true_categories(np.array([0, 1, 2, 2])).tolist() == [UNKNOWN, 1, 2, 2]
