"""What lowers the cosines of hubs in an index: a bank of train pairs, and what val chose.

N items, B pairs of the bank, E dimensions.
"""

from typing import NamedTuple

import numpy as np

from seje.index.faiss_index import Embeddings, Floats, Rows
from seje.retrieval.hubness import Choice, Sides, chosen_offsets


class Bank(NamedTuple):
    """Vectors of train pairs, the recipe of each in the corpus [B], rising, and the chosen k or beta."""

    sides: Sides
    recipes: Rows
    choice: Choice

    def of_recipes(self, vectors: Embeddings, recipes: Rows) -> Floats:
        """Offsets [N] of recipes' vectors [N, E], whose rows in the corpus are `recipes`."""
        return self._offsets(vectors, self.sides.photos, recipes)

    def of_photos(self, vectors: Embeddings, recipes: Rows) -> Floats:
        """Offsets [N] of photos' vectors [N, E], of the recipes in these rows of the corpus."""
        return self._offsets(vectors, self.sides.recipes, recipes)

    def _offsets(self, vectors: Embeddings, queries: Embeddings, recipes: Rows) -> Floats:
        place = np.minimum(np.searchsorted(self.recipes, recipes), len(self.recipes) - 1)
        own = np.where(self.recipes[place] == recipes, place, -1)
        found = chosen_offsets(self.choice, vectors, queries, own)
        # About zero, float16 keeps most of them; what is taken from all changes no order.
        return (found - (found.mean() if len(found) else 0)).astype(np.float32)
