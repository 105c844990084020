"""The only file that names files on disk, relative to the working directory: one class per stage."""

import os
from pathlib import Path

PIPELINE = Path("pipeline")
METRICS = Path("metrics")
PRESETS = Path("presets")  # kitchen.yaml has all hyperparameters; the others, what they change


def root() -> Path:
    """Where DVC was started: experiments may run in copies of the repository."""
    return Path(os.environ.get("DVC_ROOT", "."))


def metrics(stage: str) -> Path:
    """Where a stage writes what it measures."""
    return METRICS / f"{stage}.json"


def made_of(stage: str) -> Path:
    """Where a stage's folder says what it holds and what it was made of."""
    return PIPELINE / stage / "made_of.json"


def milvus(uri: str, folder: Path = PIPELINE / "index") -> str:
    """Where Milvus keeps the vectors of an index: an address as it is, or a file in the index's folder."""
    return uri if "://" in uri else str(folder / uri)


def checkpoint(stage: str, fingerprint: str) -> Path:
    """Where a killed stage finds its state again.

    Under DVC's original root, so that runs in DVC's temporary copies and queue find it as well.
    """
    return root() / "checkpoints" / f"{stage}-{fingerprint}.pt"


def shards() -> Path:
    """Where shards lie until their stage is done, if no store is set: as checkpoints, under DVC's root."""
    return root() / "checkpoints" / "shards"


class Outside:
    """What the parameters name of data that no stage makes."""

    NAMES = PIPELINE / "outside/names.json"


class Kitchen:
    """Raw files of the embedded data set."""

    FOLDER = PIPELINE / "kitchen"


class Corpus:
    """Recipes that were kept, those that were not, and groups of those that are nearly the same."""

    RECIPES = PIPELINE / "corpus/recipes.parquet"
    REJECTED = PIPELINE / "corpus/rejected.parquet"
    DUPLICATES = PIPELINE / "corpus/duplicates.parquet"
    CLASSES = PIPELINE / "corpus/classes1M.pkl"  # as the source has it, or not there


class Images:
    """The photo store; its rows are the photos of all later stages."""

    PHOTOS = PIPELINE / "images/images.arrow"
    REJECTED = PIPELINE / "images/rejected.parquet"
    DUPLICATES = PIPELINE / "images/duplicates.parquet"


class Word2vec:
    """Word vectors in word2vec's binary format."""

    VECTORS = PIPELINE / "word2vec/vectors.bin"


class Keyterms:
    """The ingredient tagger and every recipe's key terms."""

    TAGGER = PIPELINE / "keyterms/tagger.safetensors"
    TERMS = PIPELINE / "keyterms/keyterms.parquet"


class Ranking:
    """Scores of the key terms, the weighted term feature of every recipe, and all its words under SVD."""

    SCORES = PIPELINE / "ranking/scores.parquet"
    IDF = PIPELINE / "ranking/idf.parquet"
    FEATURES = PIPELINE / "ranking/features.npy"
    WORDS = PIPELINE / "ranking/words.npy"
    WORD_SPACE = PIPELINE / "ranking/words.safetensors"


class Instructions:
    """The sentence encoder, and a vector for every instruction, title and ingredient line of every recipe."""

    ENCODER = PIPELINE / "instructions/encoder.safetensors"
    VECTORS = PIPELINE / "instructions/vectors.npy"
    OFFSETS = PIPELINE / "instructions/offsets.npy"
    LINES = PIPELINE / "instructions/lines.npy"
    LINE_OFFSETS = PIPELINE / "instructions/line_offsets.npy"


class Categories:
    """Recipe categories, the photo classifier and the photos' features."""

    CLASSES = PIPELINE / "categories/classes.csv"
    RECIPES = PIPELINE / "categories/recipes.parquet"
    CLASSIFIER = PIPELINE / "categories/classifier.safetensors"
    PHOTOS = PIPELINE / "categories/photos.parquet"
    PIXELS = PIPELINE / "categories/pixels.npy"
    EMBEDDINGS = PIPELINE / "categories/embeddings.npy"
    CONFUSION = METRICS / "categories/confusion.json"


class Joint:
    """The trained model and how it got there; what was trained along, and what it makes of the corpus.

    Of a CNN the features of all photos, of a text encoder the vectors of all lines, as in `Instructions`.
    """

    MODEL = PIPELINE / "joint/model.safetensors"
    CNN = PIPELINE / "joint/cnn.safetensors"
    PIXELS = PIPELINE / "joint/pixels.npy"
    TEXT = PIPELINE / "joint/text.safetensors"
    VECTORS = PIPELINE / "joint/vectors.npy"
    LINES = PIPELINE / "joint/lines.npy"
    EPOCHS = METRICS / "joint/epochs.json"


class Model:
    """The trained model as a folder that needs nothing else."""

    FOLDER = PIPELINE / "model"
    FACTS = PIPELINE / "model/model.json"
    TOWERS = PIPELINE / "model/towers.safetensors"


class Evaluation:
    """Rank of every test pair, measures of each category, a gallery of queries, curves."""

    RANKS = PIPELINE / "evaluation/ranks.parquet"
    CATEGORIES = PIPELINE / "evaluation/categories.csv"
    GALLERY = PIPELINE / "evaluation/gallery.parquet"
    RECALL = METRICS / "evaluation/recall.json"
    POOLS = METRICS / "evaluation/pools.json"
    CONFUSION = METRICS / "evaluation/confusion.json"


class Report:
    """The evaluation for people, in one file."""

    PAGE = PIPELINE / "report/report.html"


class Index:
    """Embeddings of recipes and photos, and, row by row, what they are of."""

    RECIPES = PIPELINE / "index/recipes.npy"
    RECIPE_ITEMS = PIPELINE / "index/recipes.parquet"
    PHOTOS = PIPELINE / "index/photos.npy"
    PHOTO_ITEMS = PIPELINE / "index/photos.parquet"
    STORE = PIPELINE / "index/photos.arrow"
    FOLDER = PIPELINE / "index"  # with recipes.faiss and photos.faiss
