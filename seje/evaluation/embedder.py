"""A general embedder of photos and text as a baseline: retrieval by a ready model that saw no pair of ours.

N pairs, D dimensions of the embedder.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from seje.evaluation.comparison import Protocol
from seje.instructions.pretrained import PretrainedEncoder
from seje.photos.decoding import Pixels
from seje.progress import track
from seje.retrieval.protocol import evaluate, figures, rank_pools
from seje.retrieval.ranks import Embeddings
from seje.vision.sentence import BATCH, encoded, open_photo_model

KEY = "evaluation.embedder"


def zero_shot(
    name: str,
    count: int,
    photo: Callable[[int], Pixels],
    texts: Mapping[str, Sequence[str]],
    protocol: Protocol,
) -> dict[str, Any]:
    """Figures of a sentence-transformers model, for each form of a recipe's text, by the form's name.

    Args:
        name: of the model, as `seje.data.sentence_transformer` finds it; raises SejeError where it cannot be
            had, or encodes no photos or no text.
        count: how many pairs, N.
        photo: gives the photo of a pair by its place, [H, W, 3].
        texts: form to the text of each pair's recipe, [N].
        protocol: of the ranks.
    """
    model = open_photo_model(name, KEY)
    encoder = PretrainedEncoder(model)
    photos = _photos(model, count, photo)
    found = {}
    for form, given in texts.items():
        recipes = encoder.encode(given, f"{form} by the embedder")
        found[f"embedder_{form}"] = figures(evaluate(rank_pools(photos, recipes, *protocol)))
    return found


def _photos(model: Any, count: int, photo: Callable[[int], Pixels]) -> Embeddings:
    """Embed photos, a batch of them in memory at a time: unit vectors [N, D]."""
    starts = track(range(0, count, BATCH), f"photos by the embedder, batches of {BATCH}")
    batches = (range(start, min(start + BATCH, count)) for start in starts)
    vectors = np.concatenate([encoded(model, map(photo, batch)).cpu().numpy() for batch in batches])
    unit: Embeddings = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit
