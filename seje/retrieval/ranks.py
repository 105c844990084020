"""Ranks of the true matches among all candidates, in both directions, in blocks.

Ranks start at 1. Ties go against the model: every candidate as near as the true one counts as nearer, so that
constant embeddings rank last rather than first.
"""

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Ranks = npt.NDArray[np.int64]

TIE = 1e-6  # similarities closer than this are equal: products of equal vectors differ in their last bits


def ranks(images: Vectors, recipes: Vectors, block: int = 1024) -> tuple[Ranks, Ranks]:
    """Rank the match of each image among the recipes, and the match of each recipe among the images.

    Args:
        images: (N, E) unit vectors.
        recipes: (N, E) unit vectors; row i matches image i.
        block: images compared at a time; memory is block x N.

    Returns:
        Image to recipe and recipe to image, (N,) each, from 1 to N. By cosine, which for unit vectors is the
        order of Euclidean distance.
    """
    true = np.einsum("ne,ne->n", images, recipes) - TIE
    to_recipe = np.empty(len(images), np.int64)
    to_image = np.zeros(len(images), np.int64)
    for start in range(0, len(images), block):
        rows = slice(start, start + block)
        similarity = images[rows] @ recipes.T
        to_recipe[rows] = (similarity >= true[rows, None]).sum(axis=1)
        to_image += (similarity >= true).sum(axis=0)
    return to_recipe, to_image
