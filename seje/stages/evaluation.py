"""Stage `evaluation`: retrieval on the test partition by the papers' protocol, beside what needs no model."""

import csv
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from seje import files, inputs, params, paths
from seje.errors import SejeError
from seje.joint.embedding import embed_photos, embed_recipes
from seje.joint.features import Pairs, PhotoFeatures, Rows
from seje.report.writing import write_report
from seje.retrieval.baselines import baselines
from seje.retrieval.cca import PAIRS, fit_cca
from seje.retrieval.curves import category_recalls, pool_curve, recall_curve
from seje.retrieval.gallery import nearest
from seje.retrieval.protocol import DIRECTIONS, Draw, evaluate, figures, mean_measures, pool_name, rank_pools
from seje.retrieval.ranks import Vectors

QUERIES, NEAREST = 12, 5  # of the gallery, in each direction
CONFUSED = 2000  # photos whose categories are plotted at most: git holds them
_ROWS = pa.list_(pa.int64())
GALLERY = pa.schema(
    {"direction": pa.string(), "rank": pa.int64(), "recipe": pa.int64(), "photo": pa.int64()}
    | {"recipes": _ROWS, "photos": _ROWS}
)


def run(evaluation: params.Evaluation) -> None:
    """Embed the test pairs (each recipe with its first photo), rank both ways, write what that tells."""
    photos, model = inputs.joint_photos(), inputs.joint_model()
    recipes = inputs.recipe_features(model.sizes.recipe)
    test = inputs.partition_pairs(photos, "test")
    if len(test) < 2:
        raise SejeError("evaluation: fewer than 2 test recipes have a photo; see metrics/images.json")
    of_photos = embed_photos(model, photos, test.first)
    of_recipes = embed_recipes(model, recipes, test.recipes)
    protocol = evaluation.pools, evaluation.draws, evaluation.seed
    ranked = rank_pools(of_photos, of_recipes, *protocol)
    (whole,) = ranked[len(test)]
    results: dict[str, Any] = figures(evaluate(ranked))
    categories = recipes.categories[test.recipes]
    results["baselines"] = baselines(categories, *protocol)
    results["baselines"]["cca"] = _cca(inputs.photo_features(), test, evaluation)
    results["test_pairs"] = len(test)
    files.write_table(paths.Evaluation.RANKS, _table(test.recipes, whole))
    _write_categories(category_recalls(whole, categories, _category_names()))
    files.write_json(paths.Evaluation.RECALL, recall_curve(whole))
    files.write_json(paths.Evaluation.CONFUSION, _confusion(of_photos, of_recipes, categories))
    files.write_json(paths.Evaluation.POOLS, pool_curve(whole, evaluation.draws, evaluation.seed))
    files.write_json(paths.metrics("evaluation"), results)
    _write_gallery(test, whole, of_photos, of_recipes)
    write_report()


def _cca(photos: PhotoFeatures, test: Pairs, evaluation: params.Evaluation) -> dict[str, Any]:
    """Fit the baseline to train pairs, and measure it on the test pairs: {pool: {direction: measures}}."""
    train = inputs.partition_pairs(photos, "train")
    most = min(PAIRS, len(train))
    chosen = np.sort(np.random.default_rng(evaluation.seed).choice(len(train), most, replace=False))
    pixels = _pixels(photos, train.first[chosen])
    try:
        fitted = fit_cca(_texts(train.recipes[chosen]), pixels, evaluation.seed)
    except ValueError:
        raise SejeError("evaluation: too little text in train for the baseline of words and pixels") from None
    embedded = fitted.images(_pixels(photos, test.first)), fitted.recipes(_texts(test.recipes))
    ranked = rank_pools(*embedded, evaluation.pools, evaluation.draws, evaluation.seed)
    return {pool_name(pool): mean_measures(drawn) for pool, drawn in ranked.items()}


def _pixels(photos: PhotoFeatures, rows: Rows) -> Vectors:
    mean: Vectors = photos.pixels[rows].mean(axis=1, dtype=np.float32)
    return mean


def _texts(rows: Rows) -> list[str]:
    columns = ["title", "ingredients", "instructions"]
    recipes = files.read_table(paths.Corpus.RECIPES, "corpus", columns).take(rows).to_pylist()
    return ["\n".join([one["title"], *one["ingredients"], *one["instructions"]]) for one in recipes]


def _table(rows: Rows, whole: Draw) -> pa.Table:
    ids = files.read_table(paths.Corpus.RECIPES, "corpus", ["id"])["id"].take(rows)
    columns = {"image_to_recipe": whole.image_to_recipe, "recipe_to_image": whole.recipe_to_image}
    return pa.table({"id": ids, **columns})


def _confusion(of_photos: Vectors, of_recipes: Vectors, categories: Rows) -> list[dict[str, str]]:
    """Category of photos, and of the recipe that is nearest to each: a series that DVC plots."""
    found, names = nearest(of_photos, of_recipes, CONFUSED, 1), _category_names()
    return [
        {"actual": names[categories[query]], "nearest": names[categories[answer]]}
        for query, (answer,) in zip(*found, strict=True)
    ]


def _write_gallery(test: Pairs, whole: Draw, of_photos: Vectors, of_recipes: Vectors) -> None:
    """Write queries of both directions as rows of recipes and photos: what was asked, and what is nearest."""
    with files.table_rows(paths.Evaluation.GALLERY, GALLERY) as add:
        for way, sides in zip(DIRECTIONS, ((of_photos, of_recipes), (of_recipes, of_photos)), strict=True):
            for query, found in zip(*nearest(*sides, QUERIES, NEAREST), strict=True):
                asked = {"recipe": test.recipes[query], "photo": test.first[query]}
                answers = {"recipes": test.recipes[found], "photos": test.first[found]}
                add({"direction": way, "rank": getattr(whole, way)[query], **asked, **answers})


def _category_names() -> list[str]:
    path = files.need(paths.Categories.CLASSES, "categories")
    with path.open(newline="", encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file)]


def _write_categories(rows: Sequence[dict[str, Any]]) -> None:
    with files.atomic(paths.Evaluation.CATEGORIES) as part, part.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )
