"""The score of the validation pairs: what chooses the epoch of phase II, and what is tuned in baselines."""

from seje.retrieval.names import METRICS
from seje.retrieval.protocol import mean_metrics, ranked_draws
from seje.retrieval.ranks import Embeddings

DRAWS, POOL, SEED = 10, 1000, 0  # as in the released code
CHOSEN_ON = (
    DRAWS * POOL
)  # val pairs that choose what is made in closed form at most: as many as the draws hold


def val_metrics(of_photos: Embeddings, of_recipes: Embeddings) -> dict[str, float]:
    """Score R@1 + 0.8 R@5 + 0.6 R@10 of pairs of unit vectors, with its parts: means of both directions."""
    found = mean_metrics(ranked_draws(of_photos, of_recipes, POOL, DRAWS, SEED))
    both = {name: sum(way[name] for way in found.values()) / 2 for name in METRICS}
    return {"score": both["R@1"] + 0.8 * both["R@5"] + 0.6 * both["R@10"], **both}
