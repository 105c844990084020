from types import SimpleNamespace

import numpy as np
import pytest

from seje.evaluation import comparison
from seje.evaluation.within import UNKNOWN, numbered
from seje.retrieval.protocol import rank_pools

PROTOCOL = ([1000], 1, 0)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_the_parts_of_an_embedding_are_ranked_each_by_itself():
    """The trained half finds every match, the linear half none: both together lie between."""
    random = np.random.default_rng(0)
    same, left, right = (unit(random.normal(size=(40, 8))) for _ in "abc")
    photos, recipes = (np.concatenate([same, other], axis=1) / np.sqrt(2) for other in (left, right))
    sizes = SimpleNamespace(embedding=8, linear=8)
    sides = [side.astype(np.float32) for side in (photos, recipes)]
    found = comparison.parts(sizes, *sides, PROTOCOL)["parts"]
    first = {name: row["all"]["image_to_recipe"]["R@1"] for name, row in found.items()}
    assert list(first) == ["linear", "trained", "both"]
    assert first["trained"] == 1 and first["linear"] < 0.2
    (draw,) = rank_pools(left, right, *PROTOCOL)[40]
    assert found["linear"]["all"]["image_to_recipe"]["MedR"] == np.median(draw.image_to_recipe)
    assert found["both"]["spread"]["all"]["recipe_to_image"]["R@1"]["low"] <= first["both"]


def test_a_model_without_a_linear_part_has_no_parts():
    sizes = SimpleNamespace(embedding=8, linear=0)
    assert comparison.parts(sizes, np.eye(3, 8), np.eye(3, 8), PROTOCOL) == {}


def test_retrieval_within_a_source_is_what_is_left_without_its_style():
    random = np.random.default_rng(1)
    style = unit(random.normal(size=(10, 16))).repeat(6, axis=0)
    sides = [unit(style + 1e-3 * random.normal(size=style.shape)) for _ in "ab"]
    sources = numbered([*[None] * 6, *[f"site{row // 6}.org" for row in range(54)]])
    found = comparison.within_source(sources, *sides, rank_pools(*sides, *PROTOCOL))["within_source"]
    assert (found["sources"], found["pairs_without_source"]) == (9, 6)
    assert found["all"]["image_to_recipe"]["R@10"] == 1  # six candidates each
    assert found["all"]["image_to_recipe"]["MedR"] == pytest.approx(3.5, abs=1)


@pytest.mark.parametrize(
    "names", [(None,) * 4, ("one.org",) * 4, ("one.org", None, "one.org", None), tuple("abcd")]
)
def test_one_source_is_no_mixture_nor_is_one_for_each_pair(names):
    sources = numbered(names)
    vectors = unit(np.random.default_rng(0).normal(size=(4, 3)))
    ranked = rank_pools(vectors, vectors, *PROTOCOL)
    assert comparison.within_source(sources, vectors, vectors, ranked) == {}
    assert comparison.source_baseline(sources, PROTOCOL) == {}


def test_background_is_no_true_category():
    assert comparison.true_categories(np.array([0, 1, 2, 2])).tolist() == [UNKNOWN, 1, 2, 2]
