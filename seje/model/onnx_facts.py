"""What lies beside the graphs (export.json): each input's shape and type, and how to make it without seje."""

from typing import Any

from seje.instructions.encoders import Mean, SentenceEncoder, Skip
from seje.instructions.sentences import END, UNKNOWN
from seje.model.folder import TRANSFORMER
from seje.model.model import Model
from seje.model.recipe_graph import inputs_of
from seje.ranking.lsa import TITLE
from seje.text.tokens import ASCII

VOCABULARY, WORDS = "vocabulary.json", "words.json"
_ZEROS = "zeros where a recipe has none"


def facts(model: Model, side: int) -> dict[str, Any]:
    """Describe the graphs of a model whose photos are squares of `side` pixels."""
    size, quality = model.photo_encoder.size, model.photo_encoder.quality
    photos = _input(
        "uint8",
        ["N", side, side, 3],
        f"square photos in RGB, upright, in sRGB: the shorter side scaled to {side} pixels, the middle cut "
        f"out. seje itself scales the shorter side to {size}, keeps that as JPEG of quality {quality}, and "
        "cuts the square from it: pixels that were scaled otherwise give slightly other vectors",
    )
    embedding = _input("float32", ["N", model.dimensions], "unit vectors: the cosine is the dot product")
    kinds = _recipe_inputs(model)
    return {
        "model": model.fingerprint,
        "image.onnx": {"inputs": {"photos": photos}, "outputs": {"embedding": embedding}},
        "recipe.onnx": {
            "inputs": {name: kinds[name] for name in inputs_of(model.towers.sizes)},
            "outputs": {"embedding": embedding},
        },
    }


def _input(dtype: str, shape: list[str | int], what: str) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "what": what}


def _recipe_inputs(model: Model) -> dict[str, dict[str, Any]]:
    sizes, encoder = model.towers.sizes, model.recipe_encoder
    count = "how many lines each recipe has, of those laid out in "
    return {
        "terms": _input(
            "float32",
            ["N", sizes.terms],
            "feature of the key terms; made by Python's seje alone (tagger, Viterbi, ratings): "
            f"seje.load(MODEL).recipe_encoder.terms.features(recipes); {_ZEROS}, or none is at hand",
        ),
        "instructions": _lines(encoder.sentences, "T", "the instructions of each recipe", sizes.sentence),
        "lengths": _input("int64", ["N"], f"{count}instructions; 0 for none"),
        "words": _input(
            "float32",
            ["N", len(encoder.space.vocabulary) if encoder.space else 0],
            f"how often each word of {WORDS} is in the recipe, the title taken {TITLE} times; words are "
            r"lower-case matches of \b\w\w+\b in title, ingredients and instructions",
        ),
        "lines": _lines(encoder.sentences, "M", "the title and then the ingredient lines", sizes.sentence, 2),
        "line_lengths": _input("int64", ["N"], f"{count}lines, the title among them even if it is empty"),
    }


def _lines(
    encoder: SentenceEncoder | None, count: str, what: str, size: int, least: int = 1
) -> dict[str, Any]:
    """Say how lines are laid out; `least` of them at least."""
    rest = f"; lines that a recipe lacks are 0, and {count} is {least} or more"
    tokens = f"lower-case matches of {ASCII.pattern} (of ASCII text)"
    if isinstance(encoder, Skip):
        ids = (
            f"{what} as ids: places (from 0) in {VOCABULARY} of the first {encoder.max_words} tokens of each "
            f"line, {UNKNOWN} for a token that is not there, then {END}, then 0; an empty line is all 0"
        )
        return _input("int64", ["N", count, "W"], f"{ids}; tokens are {tokens}{rest}")
    if isinstance(encoder, Mean):
        ids = (
            f"{what} as ids: places (from 0) in {VOCABULARY} of the words of each line that are there, then 0"
        )
        return _input("int64", ["N", count, "W"], f"{ids}; words are {tokens} that begin with a letter{rest}")
    vectors = f"{what} as unit vectors by the sentence-transformers model in the model's folder {TRANSFORMER}"
    return _input("float32", ["N", count, size], f"{vectors}, which has a tokenizer of its own{rest}")
