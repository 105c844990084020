"""How well a model does on any collection: the papers' protocol, and what its figures are to be read beside.

No training set is needed: the baselines are chance and the source, and the model itself is asked with parts
of the recipes. N pairs.
"""

from pathlib import Path
from typing import Any

from seje.data.recipe_text import TEXT
from seje.data.recipe_views import ASKED, WHOLE, seen
from seje.data.records import Limits
from seje.evaluation.comparison import Protocol, parts, source_baseline, within_source
from seje.evaluation.rank_table import rank_table
from seje.evaluation.within import numbered
from seje.model.model import Model
from seje.model.recipe_encoder import RecipeText
from seje.progress import track
from seje.results import collection
from seje.results.collection import Pairs
from seje.results.scoring import score
from seje.retrieval.protocol import evaluate, figures, rank_pools
from seje.towers.embedding import Embeddings
from seje.workspace import files


def run(
    model: Path, folder: Path, partition: str, limits: Limits, protocol: Protocol, save: Path | None = None
) -> dict[str, Any]:
    """Evaluate a model on a folder that the stage `corpus` could read, as the stage `evaluation` does.

    Args:
        model: the model's folder.
        folder: the collection's.
        partition: train, val or test; `all`: every recipe.
        limits: recipes with more lines are set aside.
        protocol: pools, draws and seed.
        save: where the rank of every pair among all of them is written, as the stage's ranks.parquet.

    Returns what the stage measures, but for baselines that are trained: under `recipe_parts` figures of the
    same model told less, under `collection` what was read and set aside. Raises SejeError where the folders
    are none, or hold fewer than two pairs.
    """
    opened = Model(model)  # its parts are not read before the collection is
    read = collection.read(folder, partition, limits)
    pairs = collection.pair(read, opened)
    recipes = _embed(opened, pairs, "recipes", WHOLE)
    ranked = rank_pools(pairs.photos, recipes, *protocol)
    if save:
        (all_of_them,) = ranked[len(recipes)]
        ids = [recipe.id for recipe in pairs.recipes]
        files.write_table(save, rank_table(partition, ids, all_of_them))
    sources = numbered([recipe.source for recipe in pairs.recipes])
    results = score(ranked) | within_source(sources, pairs.photos, recipes, ranked)
    results |= parts(opened.towers.sizes, pairs.photos, recipes, protocol)
    results["baselines"] |= source_baseline(sources, protocol)
    results["recipe_parts"] = {
        name: figures(
            evaluate(rank_pools(pairs.photos, _embed(opened, pairs, f"recipes, {name}", view), *protocol))
        )
        for name, view in ASKED.items()
    }
    return results | {"collection": pairs.counts, "model": opened.fingerprint}


def _embed(model: Model, pairs: Pairs, what: str, view: int) -> Embeddings:
    """Unit vectors [N, E] of what a view shows of each recipe."""
    recipes = ({part: getattr(recipe, part) for part in TEXT} for recipe in track(pairs.recipes, what))
    return model.embed_recipes(RecipeText(**seen(recipe, view)) for recipe in recipes)
