"""How well embeddings find the validation pairs: what chooses the epoch of phase II, and baselines."""

import numpy as np

from seje.joint.cnn import Cnn
from seje.joint.collapse import spread
from seje.joint.embedding import embed_photos, embed_recipes
from seje.joint.features import Pairs, PhotoFeatures, RecipeFeatures
from seje.joint.towers import JointModel
from seje.joint.training import Score
from seje.retrieval.protocol import mean_measures, ranked_draws
from seje.retrieval.ranks import Vectors

DRAWS, POOL, SEED = 10, 1000, 0  # as in the released code


def val_measures(of_photos: Vectors, of_recipes: Vectors) -> dict[str, float]:
    """Score R@1 + 0.8 R@5 + 0.6 R@10 of pairs of unit vectors, with its parts: means of both directions."""
    found = mean_measures(ranked_draws(of_photos, of_recipes, POOL, DRAWS, SEED))
    both = {name: sum(way[name] for way in found.values()) / 2 for name in found["image_to_recipe"]}
    return {"score": both["R@1"] + 0.8 * both["R@5"] + 0.6 * both["R@10"], **both}


def scoring(recipes: RecipeFeatures, photos: PhotoFeatures, val: Pairs, cnn: Cnn | None) -> Score:
    """Make the function that scores a model: R@1 + 0.8 R@5 + 0.6 R@10, mean of both directions.

    A CNN that is trained along looks at the photos anew each time.
    """

    def score(model: JointModel) -> dict[str, float]:
        """Embed the pairs; their score, recalls and ranks, and the lesser spread of both sides."""
        shown, rows = photos, val.first
        if cnn and photos.squares:
            pixels = np.concatenate(list(cnn.describe(photos.squares, rows)))
            shown = PhotoFeatures(pixels, photos.labels[rows], photos.recipes[rows])
            rows = np.arange(len(rows))
        of_photos = embed_photos(model, shown, rows)
        of_recipes = embed_recipes(model, recipes, val.recipes)
        trained = slice(model.sizes.embedding)  # beside a linear part, which cannot collapse
        spreads = [spread(vectors[:, trained]) for vectors in (of_photos, of_recipes)]
        return {**val_measures(of_photos, of_recipes), "spread": min(spreads)}

    return score
