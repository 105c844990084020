"""How well a model finds the validation pairs: what chooses the epoch of phase II."""

import numpy as np

from seje.joint.cnn import Cnn
from seje.joint.collapse import DISTANCE, mean_pairwise_distance
from seje.joint.text import TextEncoder
from seje.joint.training import Score
from seje.retrieval.val_score import val_metrics
from seje.towers.embedding import Embeddings, embed_photos, embed_recipes
from seje.towers.features import Pairs, PhotoFeatures, RecipeFeatures, Rows
from seje.towers.joint_model import JointModel


def scoring(
    recipes: RecipeFeatures,
    photos: PhotoFeatures,
    val: Pairs,
    cnn: Cnn | None,
    text: TextEncoder | None,
) -> Score:
    """Make the function that scores a model: R@1 + 0.8 R@5 + 0.6 R@10, mean of both directions.

    What is trained along looks at the photos and reads the text anew each time.
    """

    def score(model: JointModel) -> dict[str, float]:
        """Embed the pairs; their score, recalls and ranks, and the lesser distance of both sides."""
        shown, rows = photos, val.first
        if cnn and photos.squares:
            pixels = np.concatenate(list(cnn.describe(photos.squares, rows)))
            shown = PhotoFeatures(pixels, photos.labels[rows], photos.recipes[rows])
            rows = np.arange(len(rows))
        of_photos = embed_photos(model, shown, rows)
        of_recipes = _embed_recipes(model, recipes, val.recipes, text)
        trained = slice(model.sizes.embedding)  # beside a linear part, which cannot collapse
        distances = [mean_pairwise_distance(vectors[:, trained]) for vectors in (of_photos, of_recipes)]
        return {**val_metrics(of_photos, of_recipes), DISTANCE: min(distances)}

    return score


def _embed_recipes(
    model: JointModel, recipes: RecipeFeatures, rows: Rows, text: TextEncoder | None
) -> Embeddings:
    if not text:
        return embed_recipes(model, recipes, rows)
    blocks = text.describe(recipes, rows)
    return np.concatenate([embed_recipes(model, block, np.arange(len(block.categories))) for block in blocks])
