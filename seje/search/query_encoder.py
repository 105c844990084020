"""The trained pipeline, read from its files, to ask with text and photos of one's own."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from seje.categories.label_vectors import label_table
from seje.data.recipe_text import recipe_text
from seje.errors import SejeError
from seje.images.settings import ImagesSettings
from seje.instructions import encoders
from seje.keyterms.extractor import Extractor
from seje.keyterms.tagger import Tagger
from seje.model.known_words import known_words
from seje.model.photo_encoder import PhotoEncoder
from seje.model.recipe_encoder import RecipeEncoder, RecipeText
from seje.photos.decoding import decode
from seje.ranking.lsa import WordSpace
from seje.ranking.methods import rater
from seje.ranking.settings import RankingSettings
from seje.ranking.tfidf import Idf
from seje.text import vectors
from seje.towers.cnn import Cnn
from seje.towers.embedding import embed_photos, embed_recipes
from seje.towers.features import PhotoFeatures
from seje.towers.joint_model import JointModel
from seje.vision.classifier import rebuild
from seje.vision.transforms import Squares
from seje.workspace import artefacts, files, lineage, paths

Embeddings = npt.NDArray[np.float32]


def extractor() -> Extractor:
    """The trained tagger with the entities that it knows."""
    lineage.check("keyterms")
    weights, config = files.read_weights(paths.Keyterms.TAGGER, "keyterms")
    known, common = config.pop("known"), config.pop("common")
    tagger = Tagger(**config)
    tagger.load_state_dict(weights)
    return Extractor(tagger.eval(), known, common)


def idf() -> Idf:
    """The train partition's IDF."""
    table = files.read_table(paths.Ranking.IDF, "ranking")
    weights = dict(zip(table["term"].to_pylist(), table["idf"].to_pylist(), strict=True))
    return Idf(weights, weights.pop(""))


def recipe_encoder(ranking: RankingSettings) -> RecipeEncoder:
    """Phase I for text."""
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    weights, config = files.read_weights(paths.Instructions.ENCODER, "instructions")
    return RecipeEncoder(
        extractor(),
        rater(ranking, idf()),
        words,
        encoders.rebuild(config, weights, words),
        word_space(),
        ranking.weighted_mean,
        ranking.l2,
    )


def word_space() -> WordSpace | None:
    """The space of all words; None where `ranking.words` was 0."""
    if not files.read_array(paths.Ranking.WORDS, "ranking").shape[1]:
        return None
    weights, config = files.read_weights(paths.Ranking.WORD_SPACE, "ranking")
    return WordSpace(config["vocabulary"], weights["idf"].numpy(), weights["axes"].numpy())


def photo_encoder(images: ImagesSettings) -> PhotoEncoder:
    """Phase I for photos."""
    weights, config = files.read_weights(paths.Categories.CLASSIFIER, "categories")
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    table, _ = label_table(words, config["classes"])
    seen = (config["size"], config["views"], config["soft"], config["confidence"])
    return PhotoEncoder(rebuild(config, weights), table, *seen, images.size, images.quality)


class NothingKnown(SejeError):
    """Nothing that was trained knows any word of what is asked."""


class QueryEncoder:
    """Embeds one's own recipes and photos; each part of the pipeline is read when it is first needed."""

    def __init__(self, ranking: RankingSettings, images: ImagesSettings) -> None:
        lineage.check("joint")
        self._ranking, self._images = ranking, images

    @cached_property
    def recipe_encoder(self) -> RecipeEncoder:
        """Phase I for text."""
        return recipe_encoder(self._ranking)

    @cached_property
    def photo_encoder(self) -> PhotoEncoder:
        """Phase I for photos."""
        return photo_encoder(self._images)

    @cached_property
    def model(self) -> JointModel:
        """Phase II."""
        return artefacts.joint_model()

    @cached_property
    def cnn(self) -> Cnn | None:
        """The CNN that was trained along with phase II, if one was."""
        return artefacts.joint_cnn()

    def load(self) -> None:
        """Read all parts now, so that the first question takes no longer than others."""
        for part in ("recipe_encoder", "photo_encoder", "model", "cnn"):
            getattr(self, part)

    def unknown(self, recipe: RecipeText) -> list[str]:
        """List the words of a recipe that nothing trained knows; raises NothingKnown where none is known."""
        known, unknown = known_words(
            recipe, self.recipe_encoder, self.model.config()["recipe"] == "transformer"
        )
        if not known:
            said = recipe_text(recipe.title, recipe.ingredients, recipe.instructions)
            said = said.replace("\n", " ").strip()
            raise NothingKnown(f"no word of {said!r:.80} is known: ask with words that recipes use")
        return unknown

    def recipes(self, recipes: Sequence[RecipeText]) -> Embeddings:
        """Embed one recipe or more: unit vectors [N, E]."""
        features = self.recipe_encoder.read(recipes)
        return embed_recipes(self.model, features, np.arange(len(recipes)))

    def photos(self, jpegs: Sequence[bytes | memoryview]) -> Embeddings:
        """Embed one photo or more, as `PhotoEncoder.shrink` gives them: unit vectors [N, E]."""
        rows = np.arange(len(jpegs))
        pixels, labels = self.photo_encoder.view(jpegs)
        if self.cnn:
            squares = Squares(lambda row: decode(jpegs[row]), len(jpegs), self.cnn.side, cache_bytes=0)
            pixels = np.concatenate(list(self.cnn.describe(squares, rows)))
        return embed_photos(self.model, PhotoFeatures(pixels, labels, np.zeros_like(rows)), rows)
