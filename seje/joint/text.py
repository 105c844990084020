"""A sentence-transformers model that is trained along with the towers, in place of cached sentence vectors.

B batch, N texts, H sentence vector.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from seje.data.parallel import chunks
from seje.data.sentence_transformer import open_text_model
from seje.towers.features import LineVectors, RecipeBatch, RecipeFeatures, Rows
from seje.towers.finite import need_finite

BATCH = 128  # texts of like length that go through the model together
BLOCK = 512  # recipes whose distinct lines are encoded once


class TextEncoder(nn.Module):
    """Gives lines of recipes their vectors, as the model's own `encode` does."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model.float()
        self._prompt = model.prompts.get(model.default_prompt_name)
        for network in model.modules():
            if getattr(network, "supports_gradient_checkpointing", False):
                _checkpoint_activations(network)
        self.size = int(self.eval().encode([""]).shape[1])

    def forward(self, batch: RecipeBatch) -> RecipeBatch:
        """Put vectors in the place of numbers of texts; zeros where there is none."""
        # In a share of a batch without any text, the weights have gradients too, which are zero.
        vectors = self.encode(batch.texts or [""])
        table = torch.cat([vectors.new_zeros(1, self.size), vectors])
        lines = None if batch.lines is None else table[batch.lines]
        return replace(batch, sentences=table[batch.sentences], lines=lines, texts=None)

    def encode(self, texts: list[str]) -> Tensor:
        """Encode texts: unit vectors [N, H], float32; without gradients while it is frozen."""
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        with torch.set_grad_enabled(self.training and torch.is_grad_enabled()):
            vectors = [self._encode([texts[row] for row in rows]) for rows in chunks(order, BATCH)]
        return torch.cat(vectors)[torch.tensor(order).argsort()]

    def _encode(self, texts: list[str]) -> Tensor:
        pieces = self.model.preprocess(texts, prompt=self._prompt)
        device = next(self.parameters()).device
        given = {name: part.to(device) if isinstance(part, Tensor) else part for name, part in pieces.items()}
        vectors = self.model(given)["sentence_embedding"][:, : self.model.truncate_dim]
        return normalize(vectors.float(), dim=1)

    @torch.no_grad()
    def describe(self, recipes: RecipeFeatures, rows: Rows) -> Iterator[RecipeFeatures]:
        """Features of some recipes block by block, in order, with vectors as they are stored, in float16.

        Raises SejeError where one is not finite.
        """
        self.eval()
        device = next(self.parameters()).device
        for start in range(0, len(rows), BLOCK):
            some = rows[start : start + BLOCK]
            batch = self(recipes.batch(some).to(device))
            lines = None if batch.lines is None else _lines(batch.lines, batch.line_lengths, some)
            yield RecipeFeatures(
                recipes.terms[some],
                _lines(batch.sentences, batch.lengths, some),
                recipes.words[some],
                recipes.categories[some],
                lines,
            )

    def fingerprint(self) -> str:
        """Hash what the vectors follow from: layers, vocabulary and weights."""
        digest = hashlib.sha256(repr(self.model).encode())
        digest.update(repr(sorted(self.model.tokenizer.get_vocab().items())).encode())
        for name, tensor in self.model.state_dict().items():
            digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()


def start(name: str) -> TextEncoder:
    """Begin with a ready model; raises SejeError where it cannot be had or trained."""
    return TextEncoder(open_text_model(name, "joint.text"))


def _checkpoint_activations(network: Any) -> None:
    """Let a network keep its layers' inputs alone; the rest is computed anew for gradients."""
    name = "activation_checkpointing_enable"  # as releases of 2026 call it
    enable = getattr(network, name, None) or network.gradient_checkpointing_enable
    enable({"use_reentrant": False})


def _lines(padded: Tensor, lengths: Tensor | None, rows: Rows) -> LineVectors:
    """Take the vectors of lines out of their padding, [B, T, H] to [S, H]."""
    assert lengths is not None
    inside = torch.arange(padded.shape[1]) < lengths[:, None]
    vectors = padded.cpu()[inside].numpy()
    need_finite(vectors, np.repeat(rows, lengths), "vectors of recipes' lines by the text encoder")
    return LineVectors(vectors.astype(np.float16), np.cumsum([0, *lengths.tolist()]))
