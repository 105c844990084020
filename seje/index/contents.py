"""What an index folder holds: of the pipeline's corpus, as of a collection of one's own.

R recipes, P photos, N vectors, E dimensions.
"""

from typing import Any, Literal

import numpy as np
import pyarrow as pa

from seje.index.faiss_index import Embeddings, Index, Kind, Rows, Vectors, choose

NONE = -1  # the recipe of a photo that belongs to none
SAMPLE = 500  # queries that recall is measured with
AIM = 0.95  # recall@10


def recipe_table(recipes: Any, photos_of: Rows) -> Any:
    """Add to a table of recipes [R] the first photo of each.

    Args:
        recipes: `id`, `partition`, `url`, `title`, `ingredients`, `instructions`, `terms` (heaviest first)
            and `category` (its number).
        photos_of: the recipe of each photo [P], a row of `recipes` or NONE.
    """
    first = np.full(len(recipes), NONE)
    photos = np.flatnonzero(photos_of != NONE)[::-1]  # a recipe's first photo comes last, and stays
    first[photos_of[photos]] = photos
    return recipes.append_column("first", pa.array(first, mask=first == NONE))


def photo_table(names: Any, photos_of: Rows, ids: Any) -> Any:
    """Make the table of photos [P]: their names, and the id and the row of the recipe that each is of."""
    recipes = ids.take(pa.array(photos_of, mask=photos_of == NONE))
    return pa.table({"photo": pa.array(names, pa.string()), "recipe": recipes, "item": photos_of})


def asking(vectors: Embeddings, others: Embeddings) -> Embeddings:
    """Take the queries that recall is measured with: of the other side, if there are any."""
    queries = others if len(others) else vectors
    return np.asarray(queries[:: max(1, -(-len(queries) // SAMPLE))])


def searcher(
    vectors: Vectors, queries: Embeddings, kind: Kind | Literal["auto"]
) -> tuple[Index, dict[str, Any]]:
    """Index the vectors [N, E] of one side; gives what was chosen and measured with queries [Q, E]."""
    built = Index.build(vectors, kind)
    found = built.widen(queries, vectors, AIM)
    return built, {"kind": choose(kind, len(vectors)), "recall@10": found}
