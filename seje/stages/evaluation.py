"""Stage `evaluation`: retrieval on the test partition by the papers' protocol, beside what needs no model."""

import numpy as np
import pyarrow as pa

from seje import files, inputs, params, paths
from seje.errors import SejeError
from seje.joint.embedding import embed_photos, embed_recipes
from seje.retrieval.baselines import baselines
from seje.retrieval.protocol import evaluate
from seje.retrieval.ranks import Ranks, ranks

CURVE = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100)


def run(evaluation: params.Evaluation) -> None:
    """Embed the test pairs (each recipe with its first photo), rank both ways, write metrics and ranks."""
    recipes, photos, model = inputs.recipe_features(), inputs.photo_features(), inputs.joint_model()
    test = inputs.partition_pairs(photos, "test")
    if len(test) < 2:
        raise SejeError("evaluation: fewer than 2 test recipes have a photo; see metrics/images.json")
    of_photos = embed_photos(model, photos, test.first)
    of_recipes = embed_recipes(model, recipes, test.recipes)
    protocol = evaluation.pools, evaluation.draws, evaluation.seed
    results: dict[str, object] = dict(evaluate(of_photos, of_recipes, *protocol))
    results["baselines"] = baselines(recipes.categories[test.recipes], *protocol)
    results["test_pairs"] = len(test)
    whole = ranks(of_photos, of_recipes)
    files.write_table(paths.Evaluation.RANKS, _table(test.recipes, *whole))
    files.write_json(paths.Evaluation.RECALL, _curve(*whole))
    files.write_json(paths.metrics("evaluation"), results)


def _table(rows: Ranks, to_recipe: Ranks, to_image: Ranks) -> pa.Table:
    ids = files.read_table(paths.Corpus.RECIPES, "corpus", ["id"])["id"].take(rows)
    return pa.table({"id": ids, "image_to_recipe": to_recipe, "recipe_to_image": to_image})


def _curve(to_recipe: Ranks, to_image: Ranks) -> list[dict[str, float]]:
    """Recall over the whole test set at growing k, a series that DVC plots."""
    return [
        {
            "k": k,
            "image_to_recipe": float(np.mean(to_recipe <= k)),
            "recipe_to_image": float(np.mean(to_image <= k)),
        }
        for k in CURVE
        if k <= len(to_recipe)
    ]
