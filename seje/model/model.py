"""A trained model, to embed photos and recipes of one's own: `seje.load`.

N photos or recipes, E size of an embedding.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seje.data.parallel import chunks
from seje.data.recipe_text import recipe_text
from seje.errors import SejeError
from seje.joint.cnn import Cnn
from seje.model import parts
from seje.model.bank import Bank, Doubt
from seje.model.folder import Folder
from seje.model.hub import locate
from seje.model.known_words import Words, known_words
from seje.model.photo_encoder import Photo, PhotoEncoder
from seje.model.recipe_encoder import RecipeEncoder, RecipeText, recipe_of
from seje.photos.decoding import decode
from seje.progress import track
from seje.towers.embedding import Embeddings, embed_photos, embed_recipes
from seje.towers.features import PhotoFeatures
from seje.towers.joint_model import JointModel
from seje.vision.transforms import Squares

Recipe = str | dict[str, Any] | RecipeText
BATCH = 64  # photos or recipes that go through the model together


class NothingKnown(SejeError):
    """Nothing that was trained knows any word of what is asked."""


class Asked(NamedTuple):
    """A question: its unit vector [E], its words that nothing trained knows, and any doubt."""

    vector: Embeddings
    unknown: list[str]
    doubt: Doubt | None


class Model:
    """Embeds photos and recipes; each part of the folder is read when it is first needed.

    Args:
        path: the folder that the stage `model` wrote, or a copy of it; or OWNER/NAME on the hub.
        device: where the networks run; None: on the GPU where there is one.
    """

    def __init__(self, path: str | Path, device: str | None = None) -> None:
        self.folder, self._device = Folder(locate(path)), device

    @property
    def fingerprint(self) -> str:
        """What tells this model from any other: 16 hex digits."""
        return self.folder.fingerprint

    @property
    def dimensions(self) -> int:
        """Size of an embedding, E."""
        return int(self.folder.about["dimensions"])

    def embed_photos(self, photos: Iterable[Photo], show_progress: bool = False) -> Embeddings:
        """Embed photos: paths, bytes of files, PIL images, or uint8 arrays (height, width, 3).

        Returns unit vectors [N, E]. Raises BadPhoto where one cannot be used.
        """
        jpegs = (self.photo_encoder.shrink(photo) for photo in photos)
        return self._embed(jpegs, self.embed_shrunk, "photos", show_progress)

    def embed_recipes(self, recipes: Iterable[Recipe], show_progress: bool = False) -> Embeddings:
        """Embed recipes: a title or any words, a dict as of JSON (also schema.org's), or a RecipeText.

        Any part may be missing. Returns unit vectors [N, E]. Raises ValueError for a dict that is no recipe.
        """
        return self._embed(map(recipe_of, recipes), self._embed_texts, "recipes", show_progress)

    def similarity(self, one: Embeddings, other: Embeddings) -> Embeddings:
        """Cosines of all pairs: [N, M] of unit vectors [N, E] and [M, E]."""
        found: Embeddings = np.asarray(one) @ np.asarray(other).T
        return found

    def explain(self, recipe: Recipe) -> list[tuple[str, float]]:
        """List the key terms of a recipe and what each weighs in its term feature, heaviest first."""
        return self.recipe_encoder.weighed_terms(recipe_of(recipe))

    def ask_photos(self, jpegs: Sequence[bytes | memoryview]) -> list[Asked]:
        """Embed photos as `photo_encoder.shrink` gives them, and judge whether they are like train photos."""
        features = self._photo_features(jpegs)
        vectors = embed_photos(self.towers, features, np.arange(len(jpegs)))
        doubts = self.bank.of_photos(features.pixels)
        return [Asked(vector, [], doubt) for vector, doubt in zip(vectors, doubts, strict=True)]

    def ask_recipes(self, recipes: Sequence[RecipeText]) -> "list[Asked | NothingKnown]":
        """Embed recipes, and judge whether they are like train recipes; or why one cannot be asked."""
        words = [self.words(recipe) for recipe in recipes]
        vectors = self._embed_texts(recipes)
        return [self._asked(*each) for each in zip(recipes, vectors, words, strict=True)]

    def _asked(self, recipe: RecipeText, vector: Embeddings, words: Words) -> "Asked | NothingKnown":
        if not words.known:
            said = recipe_text(recipe.title, recipe.ingredients, recipe.instructions)
            said = said.replace("\n", " ").strip()
            return NothingKnown(f"no word of {said!r:.80} is known: ask with words that recipes use")
        return Asked(vector, words.unknown, self.bank.of_text(vector, words.share))

    def words(self, recipe: RecipeText) -> Words:
        """Tell the words of a recipe that anything trained knows from those that nothing does."""
        return known_words(recipe, self.recipe_encoder, bool(self.towers.sizes.lines))

    def load(self) -> "Model":
        """Read all parts now, so that the first question takes no longer than others."""
        for part in ("recipe_encoder", "photo_encoder", "towers", "cnn", "bank"):
            getattr(self, part)
        return self

    def embed_shrunk(self, jpegs: Sequence[bytes | memoryview]) -> Embeddings:
        """Embed photos as `photo_encoder.shrink` or the photo store gives them: unit vectors [N, E]."""
        return embed_photos(self.towers, self._photo_features(jpegs), np.arange(len(jpegs)))

    def _photo_features(self, jpegs: Sequence[bytes | memoryview]) -> PhotoFeatures:
        rows = np.arange(len(jpegs))
        pixels, labels = self.photo_encoder.features(jpegs)
        if self.cnn:
            squares = Squares(lambda row: decode(jpegs[row]), len(jpegs), self.cnn.side, cache_bytes=0)
            pixels = np.concatenate(list(self.cnn.describe(squares, rows)))
        return PhotoFeatures(pixels, labels, np.zeros_like(rows))

    def embed_features(self, features: npt.ArrayLike) -> Embeddings:
        """Embed photos as features of one's own, [N, F] or [N, V, F]: unit vectors [N, E].

        Raises SejeError where the model was not trained on such (`categories.features`), of that length.
        """
        vectors = np.asarray(features, np.float32)
        pixels, labels = self.photo_encoder.given(vectors[:, None] if vectors.ndim == 2 else vectors)
        rows = np.arange(len(vectors))
        return embed_photos(self.towers, PhotoFeatures(pixels, labels, np.zeros_like(rows)), rows)

    def _embed_texts(self, recipes: Sequence[RecipeText]) -> Embeddings:
        return embed_recipes(self.towers, self.recipe_encoder.features(recipes), np.arange(len(recipes)))

    def _embed(
        self, items: Iterable[Any], embed: Callable[[Any], Embeddings], what: str, show_progress: bool
    ) -> Embeddings:
        batches = chunks(items, BATCH)
        found = [embed(batch) for batch in (track(batches, what) if show_progress else batches)]
        return np.concatenate(found) if found else np.zeros((0, self.dimensions), np.float32)

    @cached_property
    def recipe_encoder(self) -> RecipeEncoder:
        """Phase I for text."""
        return parts.recipe_encoder(self.folder)

    @cached_property
    def photo_encoder(self) -> PhotoEncoder:
        """Phase I for photos."""
        return parts.photo_encoder(self.folder, self._device)

    @cached_property
    def towers(self) -> JointModel:
        """Phase II."""
        return parts.towers(self.folder, self._device)

    @cached_property
    def cnn(self) -> Cnn | None:
        """The CNN that was trained along with phase II, if one was."""
        return parts.cnn(self.folder)

    @cached_property
    def bank(self) -> Bank:
        """What judges whether a question is like anything trained on."""
        return parts.bank(self.folder)
