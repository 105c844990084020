"""`seje.Index`: a collection of one's own, embedded and searched without a pipeline."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seje.errors import SejeError
from seje.index.folder import FACTS
from seje.model.model import Model, Recipe
from seje.model.photo_encoder import Photo
from seje.model.recipe_encoder import PARTS, RecipeText, recipe_of
from seje.progress import track
from seje.search.batches import LeftOut
from seje.search.building import write_index
from seje.search.nearest import Hits, Search, Side
from seje.search.request import Embedder, is_photo
from seje.workspace import files, paths

WRITTEN = {FACTS, paths.Index.STORE.name} | {
    path.with_suffix(ending).name
    for path in (paths.Index.RECIPES, paths.Index.PHOTOS)
    for ending in (".npy", ".parquet", ".faiss")
}


class Index(Search):
    """Recipes and photos of one's own, to be searched by any photo or text; `build` or `load` gives one."""

    left_out: list[LeftOut] = []  # what `build` was given and could not use: its name, and the reason
    _held: TemporaryDirectory[str] | None = None  # where `build` wrote it: goes when the index does

    @classmethod
    def build(
        cls,
        model: Model,
        photos: Mapping[str, Photo] | Iterable[Photo] = (),
        recipes: Mapping[str, Recipe] | Iterable[Recipe] = (),
        show_progress: bool = False,
    ) -> "Index":
        """Embed and index photos, recipes, or both; what cannot be used is listed in `left_out`.

        Args:
            model: as `seje.load` gives it.
            photos: as `Model.embed_photos` takes them, or a dict of such by their names. In a list, a path is
                its own name, and any other photo's is the number of its place, from 0.
            recipes: as `Model.embed_recipes` takes them, or a dict of such by their ids. In a list, a dict's
                `id` counts, else the number of its place. A dict may name its `photos`.
            show_progress: whether to show how far it is.

        Hubs stay as they are (`index.hubness`): no val pairs choose how much to lower them by.

        Raises SejeError where nothing can be used.
        """
        held = TemporaryDirectory(prefix="seje-index-")
        given: list[Iterable[tuple[str, Any]]] = [named_photos(photos), named_recipes(recipes)]
        if show_progress:
            given = [track(given[0], "photos"), track(given[1], "recipes")]
        left_out = write_index(Path(held.name), model, *given)
        made = cls(model, Path(held.name))
        made._held, made.left_out = held, left_out
        return made

    @classmethod
    def load(cls, folder: str | Path, model: Model) -> "Index":
        """Open an index that `save`, or the stage `index`, wrote; raises SejeError for another model's."""
        return cls(model, Path(folder))

    def search(self, query: Photo | Recipe, k: int = 10, side: Side | None = None) -> Hits:
        """List the k recipes or photos nearest to a photo or a recipe, nearest first.

        Args:
            query: a photo or a recipe as the model embeds them. A string is a photo's path where it is that
                of a file, or ends as a photo's name does; else words.
            k: how many.
            side: "recipes" or "photos"; None: recipes for a photo, photos for text, as far as there are any.

        Returns a dict each: `score` (cosine; the order is that of `find`), `id`, `title`, `category` and
        `terms` of the recipe, and the name of the `photo`, or None. The list's `doubts` say where the query
        is like nothing that the model was trained on, its `unknown` which words are not known. Raises
        SejeError where a photo cannot be used or no word is known.
        """
        embed = Embedder(self.model)
        if isinstance(query, dict | RecipeText) or (isinstance(query, str) and not is_photo(query)):
            vector, default = embed.recipe(recipe_of(query)), self.side_for(asked_by_photo=False)
        else:
            vector, default = embed.photo(query), self.side_for(asked_by_photo=True)
        return embed.hits(self.find(vector, side or default, k))

    def save(self, folder: str | Path) -> None:
        """Write the index to a folder, which `seje search --index` and `load` read, in place of an older one.

        Raises SejeError where something else lies there.
        """
        folder = Path(folder)
        held = set(os.listdir(folder)) if folder.is_dir() else set()
        if held - WRITTEN or (held and FACTS not in held):
            raise SejeError(f"{folder}: holds more than an index: give a new folder")
        with files.atomic(folder) as part:
            part.mkdir()
            for name in WRITTEN:
                shutil.copyfile(self.folder / name, part / name)


def named_photos(photos: Mapping[str, Photo] | Iterable[Photo]) -> Iterator[tuple[str, Photo]]:
    """Give each photo its name."""
    if isinstance(photos, str | bytes | Path):
        raise SejeError("photos: give a list of photos, or a dict of photos by their names")
    if isinstance(photos, Mapping):
        return ((str(name), photo) for name, photo in photos.items())
    return (
        (str(photo) if isinstance(photo, str | Path) else str(place), photo)
        for place, photo in enumerate(photos)
    )


def named_recipes(recipes: Mapping[str, Recipe] | Iterable[Recipe]) -> Iterator[tuple[str, Recipe]]:
    """Give each recipe its id."""
    one = isinstance(recipes, Mapping) and recipes.keys() <= {"id", *PARTS, *PARTS.values()}
    if isinstance(recipes, str | bytes | Path) or (one and recipes):
        raise SejeError("recipes: give a list of recipes, or a dict of recipes by their ids")
    if isinstance(recipes, Mapping):
        return ((str(name), recipe) for name, recipe in recipes.items())
    return ((_id(recipe, place), recipe) for place, recipe in enumerate(recipes))


def _id(recipe: Recipe, place: int) -> str:
    known = recipe.get("id") if isinstance(recipe, Mapping) else None
    return str(place if known is None else known)
