"""Stage `evaluation`: retrieval on the test partition by the papers' protocol, beside what is simpler."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from seje.data.recipe_text import TEXT, recipe_text
from seje.data.recipe_views import ASKED
from seje.data.records import PARTITIONS
from seje.errors import SejeError
from seje.evaluation import comparison
from seje.evaluation.comparison import BaselineData, Protocol
from seje.evaluation.curves import category_recalls, pool_curve, recall_curve
from seje.evaluation.embedder import zero_shot
from seje.evaluation.gallery import nearest
from seje.evaluation.hubs import without_hubs
from seje.evaluation.rank_table import rank_table
from seje.evaluation.settings import EvaluationSettings
from seje.evaluation.within import numbered
from seje.photos.store import Photos
from seje.ranking.lsa import words_text
from seje.retrieval.hubness import BANK, Sides
from seje.retrieval.names import DIRECTIONS
from seje.retrieval.protocol import (
    PoolRanks,
    evaluate,
    figures,
    pool_facts,
    rank_pools,
    ranked_draws,
)
from seje.retrieval.ranks import Embeddings
from seje.retrieval.val_score import CHOSEN_ON
from seje.towers.embedding import embed_pairs, embed_recipes
from seje.towers.features import Pairs, RecipeFeatures, Rows, spread
from seje.towers.joint_model import JointModel
from seje.workspace import artefacts, files, paths

QUERIES, NEAREST = 12, 5  # of the gallery, in each direction
CONFUSED = 2000  # photos whose categories are plotted at most: git holds them
_ROWS = pa.list_(pa.int64())
GALLERY = pa.schema(
    {"direction": pa.string(), "rank": pa.int64()}
    | {"recipe": pa.int64(), "photo": pa.int64(), "category": pa.string()}
    | {"recipes": _ROWS, "photos": _ROWS, "categories": pa.list_(pa.string())}
    | {"cosines": pa.list_(pa.float32())}
)


@dataclass(frozen=True)
class Embedded:
    """Pairs of a partition, each recipe with its first photo, and the unit vectors of both sides."""

    pairs: Pairs
    photos: Embeddings
    recipes: Embeddings


def run(evaluation: EvaluationSettings) -> None:
    """Embed the test pairs, rank both ways, write what that tells; the ranks of val too, for comparisons."""
    photos, model = artefacts.joint_photos(), artefacts.joint_model()
    recipes = artefacts.joint_recipes()
    train, *others = (artefacts.partition_pairs(photos, name) for name in PARTITIONS)
    val, test = (Embedded(pairs, *embed_pairs(model, photos, recipes, pairs)) for pairs in others)
    if len(test.pairs) < 2:
        raise SejeError("evaluation: fewer than 2 test recipes have a photo; see metrics/images.json")
    protocol = evaluation.pools, evaluation.draws, evaluation.seed
    ranked = rank_pools(test.photos, test.recipes, *protocol)
    (whole,) = ranked[len(test.pairs)]
    results: dict[str, Any] = figures(evaluate(ranked))
    corpus = _corpus(recipes, train, val.pairs)
    sources = numbered([corpus.sources[row] for row in test.pairs.recipes])
    vectors = test.photos, test.recipes
    results |= comparison.within_source(sources, *vectors, ranked)
    results |= comparison.parts(model.sizes, *vectors, protocol)
    results["recipe_parts"] = {
        name: figures(evaluate(rank_pools(test.photos, told, *protocol)))
        for name, told in _parts_told(model, recipes, test.pairs.recipes)
    }
    results |= comparison.baselines(model, corpus, test.pairs, protocol)
    if evaluation.embedder:
        results["baselines"] |= _zero_shot(evaluation.embedder, test.pairs, protocol)
    bank = Sides(*embed_pairs(model, photos, recipes, train.spread(BANK)))
    some = spread(len(val.pairs), CHOSEN_ON)
    results["hubness"], chosen = without_hubs(
        bank, Sides(val.photos[some], val.recipes[some]), Sides(*vectors), protocol
    )
    results["chosen"] |= chosen
    results |= {"pools": pool_facts(ranked), "test_pairs": len(test.pairs)}
    categories = recipes.categories[test.pairs.recipes]
    (chosen_on,) = ranked_draws(val.photos, val.recipes, len(val.pairs), 1, evaluation.seed)
    files.write_table(paths.Evaluation.RANKS, _table({"val": (val, chosen_on), "test": (test, whole)}))
    _write_categories(category_recalls(whole, categories, artefacts.category_names()))
    files.write_json(paths.Evaluation.RECALL, recall_curve(whole))
    files.write_json(paths.Evaluation.CONFUSION, _confusion(test.photos, test.recipes, categories))
    files.write_json(paths.Evaluation.POOLS, pool_curve(whole, evaluation.draws, evaluation.seed))
    files.write_json(paths.metrics("evaluation"), results)
    names = np.array(["", *artefacts.category_names()[1:]], dtype=object)  # background is no category
    _write_gallery(test.pairs, whole, (test.photos, test.recipes), names[categories])


def _parts_told(model: JointModel, recipes: RecipeFeatures, rows: Rows) -> Iterator[tuple[str, Embeddings]]:
    """Embed recipes of which a part alone is told."""
    for name, view in ASKED.items():
        yield name, embed_recipes(model, recipes, rows, view)


def _corpus(recipes: RecipeFeatures, train: Pairs, val: Pairs) -> BaselineData:
    def texts(rows: Rows) -> list[str]:
        """All words of some recipes."""
        found = files.read_table(paths.Corpus.RECIPES, "corpus", TEXT).take(rows)
        return [words_text(**recipe) for recipe in found.to_pylist()]

    return BaselineData(
        recipes=recipes,
        photos=artefacts.photo_features(),
        train=train,
        val=val,
        categories=comparison.true_categories(recipes.categories),
        sources=files.read_table(paths.Corpus.RECIPES, "corpus", ["source"])["source"].to_pylist(),
        texts=texts,
    )


def _zero_shot(embedder: str, test: Pairs, protocol: Protocol) -> dict[str, Any]:
    """Ask a general embedder for the test pairs, by their titles, and by titles and ingredients."""
    store = Photos(paths.Images.PHOTOS)
    found = files.read_table(paths.Corpus.RECIPES, "corpus", TEXT[:2]).take(test.recipes).to_pylist()
    texts = {
        "title": [recipe["title"] for recipe in found],
        "title_ingredients": [recipe_text(**recipe, instructions=[]) for recipe in found],
    }
    return zero_shot(embedder, len(test), lambda place: store.decode(int(test.first[place])), texts, protocol)


def _table(ranked: Mapping[str, tuple[Embedded, PoolRanks]]) -> pa.Table:
    """Lay out the ranks of every pair among its whole partition."""
    ids = files.read_table(paths.Corpus.RECIPES, "corpus", ["id"])["id"]
    return pa.concat_tables(
        rank_table(partition, ids.take(embedded.pairs.recipes), draw)
        for partition, (embedded, draw) in ranked.items()
    )


def _confusion(of_photos: Embeddings, of_recipes: Embeddings, categories: Rows) -> list[dict[str, str]]:
    """Category of photos, and of the recipe that is nearest to each: a series that DVC plots."""
    found, names = nearest(of_photos, of_recipes, CONFUSED, 1), artefacts.category_names()
    return [
        {"actual": names[categories[query]], "nearest": names[categories[answer]]}
        for query, (answer,) in zip(found.queries, found.nearest, strict=True)
    ]


def _write_gallery(
    test: Pairs, whole: PoolRanks, vectors: tuple[Embeddings, Embeddings], categories: npt.NDArray[Any]
) -> None:
    """Write queries of both directions as rows of recipes and photos: what was asked, and what is nearest."""
    with files.table_rows(paths.Evaluation.GALLERY, GALLERY) as add:
        for way, (asked, items) in zip(DIRECTIONS, (vectors, vectors[::-1]), strict=True):
            for query, found, cosines in zip(*nearest(asked, items, QUERIES, NEAREST), strict=True):
                row = {"direction": way, "rank": getattr(whole, way)[query]}
                row |= {"recipe": test.recipes[query], "photo": test.first[query]}
                row |= {"category": categories[query], "categories": categories[found], "cosines": cosines}
                add(row | {"recipes": test.recipes[found], "photos": test.first[found]})


def _write_categories(rows: Sequence[dict[str, Any]]) -> None:
    with files.atomic(paths.Evaluation.CATEGORIES) as part, part.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )
