"""Stage `index`: the embedding of every recipe and every photo, to search among."""

import numpy as np
import pyarrow as pa

from seje import files, inputs, params, paths
from seje.data.store import Photos
from seje.joint.embedding import embed_photos, embed_recipes


def run(index: params.Index) -> None:
    """Embed the partitions asked for, recipes without a photo too; write vectors and what they are of."""
    recipes, photos, model = inputs.recipe_features(), inputs.photo_features(), inputs.joint_model()
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["id", "partition", "title"])
    wanted = np.isin(table["partition"].to_numpy(), index.partitions)
    recipe_rows, photo_rows = np.flatnonzero(wanted), np.flatnonzero(wanted[photos.recipes])
    files.write_array(paths.Index.RECIPES, embed_recipes(model, recipes, recipe_rows))
    files.write_array(paths.Index.PHOTOS, embed_photos(model, photos, photo_rows))
    files.write_table(paths.Index.RECIPE_ITEMS, table.take(recipe_rows))
    names = Photos(paths.Images.PHOTOS).photos[photo_rows]
    of_recipes = table["id"].take(photos.recipes[photo_rows])
    files.write_table(paths.Index.PHOTO_ITEMS, pa.table({"photo": names, "recipe": of_recipes}))
    sizes = {"recipes": len(recipe_rows), "photos": len(photo_rows), "dimensions": model.sizes.embedding}
    files.write_json(paths.metrics("index"), sizes)
