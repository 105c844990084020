"""The parts of a trained model, each made of its files in the model's folder."""

import numpy as np
import torch

from seje.instructions import encoders
from seje.instructions.encoders import SentenceEncoder
from seje.joint.cnn import Cnn
from seje.joint.cnn import rebuild as rebuild_cnn
from seje.keyterms.extractor import rebuild as rebuild_extractor
from seje.model.bank import Bank
from seje.model.folder import BACKBONE, ENCODER, RATER, TRANSFORMER, Folder
from seje.model.photo_encoder import Describer, PhotoEncoder
from seje.model.recipe_encoder import RecipeEncoder, TermEncoder
from seje.ranking.lsa import WordSpace
from seje.ranking.methods import rater
from seje.ranking.settings import RankingSettings
from seje.ranking.tfidf import Idf
from seje.text.vectors import WordVectors
from seje.towers.joint_model import JointModel
from seje.towers.joint_model import rebuild as rebuild_towers
from seje.vision.classifier import rebuild as rebuild_classifier
from seje.vision.names import SENTENCE


def towers(folder: Folder, device: str | None) -> JointModel:
    """Phase II, ready to embed."""
    weights, config = folder.read("towers")
    return rebuild_towers(config, weights).to(_device(device))


def cnn(folder: Folder) -> Cnn | None:
    """The CNN that was trained along with phase II; None where pixel features were cached."""
    if not folder.has("cnn"):
        return None
    weights, config = folder.read("cnn")
    return rebuild_cnn(config["backbone"], config["side"], weights)


def photo_encoder(folder: Folder, device: str | None) -> PhotoEncoder:
    """Phase I for photos; without a classifier where the towers read only what a CNN says."""
    photos = folder.about["photos"]
    if not folder.has("classifier"):
        return PhotoEncoder(None, photos["size"], photos["quality"])
    weights, config = folder.read("classifier")
    table = weights.pop("label_table").numpy()
    if config["backbone"] == BACKBONE:
        config["backbone"] = str(folder.checked(BACKBONE))
    elif config["backbone"] == SENTENCE + ENCODER:
        config["backbone"] = SENTENCE + str(folder.checked(ENCODER))
    found = rebuild_classifier(config, weights)
    if device:
        found.device = torch.device(device)
        found.to(found.device)
    seen = config["size"], config["views"], config["soft"], config["confidence"]
    return PhotoEncoder(Describer(found, table, *seen), photos["size"], photos["quality"])


def recipe_encoder(folder: Folder) -> RecipeEncoder:
    """Phase I for text; parts that the towers do not read are None."""
    words = _vectors(folder)
    return RecipeEncoder(_terms(folder, words), _sentences(folder, words), _space(folder))


def _vectors(folder: Folder) -> WordVectors:
    if not folder.has("vectors"):
        return WordVectors({}, torch.zeros(0, 0).numpy())
    weights, config = folder.read("vectors")
    return WordVectors({word: row for row, word in enumerate(config["words"])}, weights["matrix"].numpy())


def _terms(folder: Folder, words: WordVectors) -> TermEncoder | None:
    if not folder.has("terms"):
        return None
    tagger, tagger_config = folder.read("tagger")
    weights, config = folder.read("terms")
    settings = RankingSettings(**config["rating"], words=0)
    if settings.model == RATER:
        settings = settings.model_copy(update={"model": str(folder.checked(RATER))})
    rate = rater(settings, Idf.stored(config["terms"], weights["idf"].tolist()))
    extractor = rebuild_extractor(tagger_config, tagger)
    return TermEncoder(extractor, rate, words, settings.weighted_mean)


def _sentences(folder: Folder, words: WordVectors) -> SentenceEncoder | None:
    if not folder.has("sentences"):
        return None
    weights, config = folder.read("sentences")
    if config.get("model") == TRANSFORMER:
        config["model"] = str(folder.checked(TRANSFORMER))
    return encoders.rebuild(config, weights, words)


def _space(folder: Folder) -> WordSpace | None:
    if not folder.has("words"):
        return None
    weights, config = folder.read("words")
    return WordSpace(config["vocabulary"], weights["idf"].numpy(), weights["axes"].numpy())


def bank(folder: Folder) -> Bank:
    """What judges questions; of a model without it, one that knows of none."""
    if not folder.has("bank"):
        none = np.zeros((0, 0), np.float32)
        return Bank(none, none, none.ravel(), none.ravel())
    weights, _ = folder.read("bank")
    return Bank(*(weights[name].numpy() for name in ("photos", "recipes", "val_photos", "val_titles")))


def _device(given: str | None) -> torch.device:
    return torch.device(given or ("cuda" if torch.cuda.is_available() else "cpu"))
