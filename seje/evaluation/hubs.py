"""Figures with hubs put in their place, in rows of their own: the papers' protocol knows none of this."""

from typing import Any

from seje.evaluation.comparison import Protocol
from seje.retrieval.hubness import METHODS, Sides, choose, chosen_offsets, lowered
from seje.retrieval.protocol import evaluate, figures, rank_pools


def without_hubs(
    bank: Sides, val: Sides, test: Sides, protocol: Protocol
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the figures of each method on test, and what val chose for it: k, or beta.

    Args:
        bank: vectors of train pairs, whose photos ask for recipes, and whose recipes for photos.
        val: vectors of the pairs that choose.
        test: vectors of the pairs that are ranked.
        protocol: pools, draws and seed.
    """
    pools, draws, seed = protocol
    found: dict[str, Any] = {}
    chosen: dict[str, Any] = {}
    for method in METHODS:
        choice = choose(method, bank, val)
        of_photos = chosen_offsets(choice, test.photos, bank.recipes)
        of_recipes = chosen_offsets(choice, test.recipes, bank.photos)
        photos, recipes = lowered(test, of_photos, of_recipes)
        found[method] = figures(evaluate(rank_pools(photos, recipes, pools, draws, seed)))
        chosen[method] = choice.as_json()
    return found, chosen
