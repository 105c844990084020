"""params.yaml as frozen, validated classes: its only reader. One class per section, one field per line."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from seje.errors import SejeError


def _not_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("Input should be a number, not true or false")
    return value


# YAML 1.1 hands over 1e-4 and DVC's 1e-05 as strings; pydantic makes numbers of them.
Int = Annotated[int, BeforeValidator(_not_bool)]
Float = Annotated[float, BeforeValidator(_not_bool), Field(allow_inf_nan=False)]
Count = Annotated[Int, Field(ge=1)]
Natural = Annotated[Int, Field(ge=0)]
Positive = Annotated[Float, Field(gt=0)]
Weight = Annotated[Float, Field(ge=0)]
Share = Annotated[Float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A section of params.yaml: every key is there, no other is."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kitchen(Section):
    """The embedded data set: how many recipes and photos to make."""

    recipes: Annotated[Int, Field(ge=40)]
    photos: bool  # false: text alone, no photos and no labelled set
    pixels: Annotated[Int, Field(ge=32)]  # side of a drawn photo
    labelled_train: Count  # photos of each class in the labelled set
    labelled_test: Count
    broken: Share  # share of records that are broken on purpose
    seed: Natural


class Corpus(Section):
    """Where the recipes come from and which are kept."""

    source: str
    max_ingredients: Count
    max_instructions: Count
    split: Literal["given", "source"]  # source: recipes of one web site or book are in one partition
    leaks: Literal["keep", "drop"]  # train and val recipes and photos that nearly repeat one of test


class Images(Section):
    """The photo store."""

    per_recipe: Count
    size: Annotated[Int, Field(ge=16)]  # shorter side in pixels
    quality: Annotated[Int, Field(ge=1, le=95)]


class Word2vec(Section):
    """gensim's skip-gram, under gensim's own names."""

    vector_size: Count
    window: Count
    epochs: Count
    min_count: Count
    hs: Literal[0, 1]
    negative: Natural
    workers: Count  # more than 1 is faster, and no longer the same bytes each time
    seed: Natural


class Keyterms(Section):
    """The ingredient tagger and the key terms."""

    labels: Literal["auto", "det_ingrs", "silver"]
    entities: Literal["train", "all"]  # whose entities re-examination may use; all is the paper's form
    hidden: Count
    epochs: Count
    batch: Count
    lr: Positive
    seed: Natural


class Ranking(Section):
    """Term rating and the weighted key-term feature."""

    method: Literal["tfidf", "textrank", "bert"]
    window: Annotated[Int, Field(ge=2)]  # textrank: terms that are looked at together
    damping: Annotated[Float, Field(gt=0, lt=1)]  # textrank: how likely the next step follows an edge
    model: str | None  # bert: folder or name of a sentence-transformers model
    weighted_mean: bool  # divide by the sum of the weights
    l2: bool  # scale the feature to unit length
    words: Natural  # dimensions of a feature of all words beside it; 0: none

    @field_validator("model")
    @classmethod
    def _needed_by_bert(cls, model: str | None, info: ValidationInfo) -> str | None:
        if not model and info.data.get("method") == "bert":
            raise ValueError("method bert needs the folder or the name of a sentence-transformers model")
        return model


class Instructions(Section):
    """The sentence encoder; all but the first two keys are those of skip-instructions."""

    encoder: Literal["skip", "mean", "minilm"]
    model: str | None  # minilm: folder or name of a sentence-transformers model
    previous: bool  # predict the previous sentence besides the next
    hidden: Count
    layers: Count
    vocabulary: Count
    max_words: Count
    epochs: Count
    batch: Count
    lr: Positive
    seed: Natural

    @field_validator("model")
    @classmethod
    def _needed_by_minilm(cls, model: str | None, info: ValidationInfo) -> str | None:
        if not model and info.data.get("encoder") == "minilm":
            raise ValueError("encoder minilm needs the folder or the name of a sentence-transformers model")
        return model


class Categories(Section):
    """Recipe categories and the photo classifier."""

    candidates: Count  # title bigrams looked at, most frequent first
    max_classes: Count
    min_train: Count  # recipes with a photo that a class needs in train
    refine: bool  # whether train recipes of the background take the label of their first photo
    labelled: str | None  # folder in Food-101's layout; null: the corpus's own photos and categories
    backbone: str  # a torchvision classification model, or the path of an .onnx file
    weights: str  # imagenet, none, or the path of a state dict
    epochs: Count
    batch: Annotated[Int, Field(ge=2)]
    lr: Positive
    shallow: Share  # of the steps from scratch that leave the blocks out which begin as the identity
    balance: bool  # whether every label weighs the same in the loss, however many photos it has
    stop: Count | None  # epochs without a better loss on a held-out tenth until training ends; null: never
    precision: Annotated[Literal["32", "bf16"], BeforeValidator(str)]
    views: Annotated[Int, Field(ge=1, le=18)]  # of each photo: the whole, and parts of it
    soft: bool  # category feature: word vectors by probability, instead of that of the likeliest class
    confidence: Share  # probability of the likeliest class below which no category is told; 0: always told
    seed: Natural


class Joint(Section):
    """Towers and training of the joint embedding."""

    terms: bool  # whether the recipe tower sees the key-term feature,
    instructions: bool  # and the instruction vectors
    categories: bool  # whether the image tower sees the category feature
    embedding: Count
    linear: Natural  # dimensions of a linear part, in closed form, beside the trained one; 0: none
    ridge: Positive  # of the linear part, in units of the features' mean variance
    recipe: Literal["lstm", "transformer"]  # reads the instructions; or title, ingredients and instructions
    recurrent: Count  # its width
    dropout: Share
    drop: Share  # of recipes' key terms and instructions and photos' categories that training hides
    devices: Literal["auto"] | Count  # processes on this machine that train together; auto: one a GPU
    precision: Annotated[Literal["32", "bf16-mixed"], BeforeValidator(str)]
    batch: Annotated[Int, Field(ge=4)]  # batch normalisation cannot take a batch of one
    batches: Literal["random", "category"]  # category: several of each category together
    epochs: Count
    lr: Positive
    pixels: str  # cached features; or a backbone that is trained along, as categories.backbone names it,
    freeze_epochs: Natural  # after these epochs
    pixels_lr: Positive  # at this learning rate
    schedule: Literal["plateau", "cosine"]
    weight_decay: Weight
    clip: Weight  # longest gradient of the towers; 0: any
    patience: Count  # epochs without a better score until the learning rate falls to a tenth
    stop: Count  # epochs without a better score, after that, until training ends
    seed: Natural

    @field_validator("pixels")
    @classmethod
    def _linear_needs_cached(cls, pixels: str, info: ValidationInfo) -> str:
        if pixels != "cached" and info.data.get("linear"):
            raise ValueError("a CNN trained along moves away from the linear part: set joint.linear to 0")
        return pixels


class Loss(Section):
    """The training loss; read by `joint`."""

    objective: Literal["triplet", "infonce", "cosine"]
    margin: Literal["soft"] | Positive
    gamma: Positive  # slope of the soft margin
    negatives: Literal["double", "instance", "category", "all"]
    temperature: Literal["learned"] | Positive  # of infonce
    category: Weight
    background: Literal["ignore", "class"]  # what recipes without a category are to L_CA and to negatives
    discriminator: Weight
    discriminator_form: Literal["logistic", "wasserstein"]
    gradient_penalty: Weight

    @field_validator("margin")
    @classmethod
    def _number_for_cosine(cls, margin: str | float, info: ValidationInfo) -> str | float:
        if margin == "soft" and info.data.get("objective") == "cosine":
            raise ValueError("objective cosine needs a number: the cosine from which a mismatch costs")
        return margin


class Evaluation(Section):
    """The retrieval protocol."""

    pools: Annotated[tuple[Annotated[Int, Field(ge=2)], ...], Field(min_length=1)]
    draws: Count
    seed: Natural


class Index(Section):
    """The search index."""

    partitions: Annotated[tuple[Literal["train", "val", "test"], ...], Field(min_length=1)]
    kind: Literal["flat", "ivf", "hnsw", "rabitq", "auto"]  # auto: flat up to 200,000 vectors, then rabitq
    storage: Literal["float16", "int8"]  # of a vector's numbers
    uri: str | None  # Milvus: its address, or the name of a local file; null: FAISS


class Params(Section):
    """All of params.yaml."""

    kitchen: Kitchen
    corpus: Corpus
    images: Images
    word2vec: Word2vec
    keyterms: Keyterms
    ranking: Ranking
    instructions: Instructions
    categories: Categories
    joint: Joint
    loss: Loss
    evaluation: Evaluation
    index: Index


def load(path: Path) -> Params:
    """Read and check a params file; raises SejeError with one line that names each wrong key."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SejeError(f"{path} is missing: run in the repository's root, or give --params") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SejeError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    try:
        return Params.model_validate(data)
    except ValidationError as error:
        raise SejeError(f"{path}: {_explain(error)}") from None


def _explain(error: ValidationError) -> str:
    accepted: dict[str, list[str]] = {}
    given: dict[str, str] = {}
    for problem in error.errors():
        # A union's problems carry the member's name behind the key; one line tells them together.
        key = ".".join(str(part) for part in problem["loc"] if not _is_union_member(part))
        accepted.setdefault(key, []).append(_message(problem["type"], problem["msg"], problem["loc"]))
        given[key] = "" if problem["type"] == "missing" else f" (it is {problem['input']!r:.60})"
    return "; ".join(f"{key or 'the file'}: {' or '.join(accepted[key])}{given[key]}" for key in accepted)


def _is_union_member(part: int | str) -> bool:
    return isinstance(part, str) and ("[" in part or part in {"literal", "str", "none"})


def _message(kind: str, message: str, location: tuple[int | str, ...]) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        section = Params.model_fields.get(str(location[0])) if len(location) > 1 else None
        known = section.annotation.model_fields if section and section.annotation else Params.model_fields
        return f"unknown key; known are {', '.join(known)}"
    return message.removeprefix("Value error, ").replace("Input should be", "should be")
