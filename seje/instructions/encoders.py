"""Sentence encoders behind one interface: what wrote the instructions' vectors encodes a user's sentence too.

N sentences, H size of a sentence's vector.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seje.errors import SejeError
from seje.instructions import skip
from seje.instructions.pretrained import load_encoder
from seje.instructions.sentences import number
from seje.text.tokens import words
from seje.text.vectors import WordVectors

Floats = npt.NDArray[np.float32]


class SentenceEncoder(Protocol):
    """Turns any texts into vectors, the same text always into the same but for rounding."""

    @property
    def size(self) -> int:
        """Length of one vector, H."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give each text its vector: float32 [N, H], of unit length; zero where nothing is known."""
        ...

    def knows(self, word: str) -> bool:
        """Whether a lower-case word is in the vocabulary."""
        ...


@dataclass(frozen=True)
class Skip:
    """The encoder of skip-instructions, with the vocabulary that it was trained with."""

    encoder: skip.SkipEncoder
    vocabulary: list[str]
    max_words: int

    @property
    def size(self) -> int:
        """Length of one vector: the LSTM's hidden size."""
        return self.encoder.lstm.hidden_size

    def encode(self, texts: Sequence[str]) -> Floats:
        """Encode the first `max_words` words of each text: [N, H]; zero for a text without any."""
        return skip.encode(self.encoder, number(texts, self.vocabulary, self.max_words))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.vocabulary)

    def knows(self, word: str) -> bool:
        """Whether a word was frequent enough in training."""
        return word in self._known


@dataclass(frozen=True)
class Mean:
    """The mean of the words' vectors."""

    vectors: WordVectors

    @property
    def size(self) -> int:
        """Length of one vector: that of a word's."""
        return self.vectors.size

    def encode(self, texts: Sequence[str]) -> Floats:
        """Encode texts: [N, H]; zero for a text none of whose words has a vector."""
        means = np.zeros((len(texts), self.size), np.float32)
        for row, text in enumerate(texts):
            known = [self.vectors.rows[word] for word in words(text) if word in self.vectors.rows]
            if known:
                means[row] = self.vectors.matrix[known].mean(axis=0)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        unit: Floats = np.divide(means, lengths, out=means, where=lengths > 0)
        return unit

    def knows(self, word: str) -> bool:
        """Whether a word has a vector."""
        return word in self.vectors.rows


def rebuild(
    config: Mapping[str, Any], weights: Mapping[str, Tensor], vectors: WordVectors
) -> SentenceEncoder:
    """Make an encoder of its config, on the GPU where there is one; raises SejeError for an unknown kind.

    Args:
        config: `encoder` is its kind: `skip`, with `sizes`, `vocabulary` and `max_words`; `mean`;
            `pretrained`, with the name or folder of a sentence-transformers model as `model`.
        weights: the trained weights of `skip`; empty for the others, which are not trained.
        vectors: the word vectors, of which `mean` is made.
    """
    if config["encoder"] == "mean":
        return Mean(vectors)
    if config["encoder"] == "pretrained":
        return load_encoder(config["model"])
    if config["encoder"] != "skip":
        raise SejeError(f"sentence encoder {config['encoder']!r} is not known: make the model anew")
    encoder = skip.SkipEncoder(skip.SkipSizes(**config["sizes"]))
    encoder.load_state_dict(weights)
    encoder.to("cuda" if torch.cuda.is_available() else "cpu")
    return Skip(encoder, config["vocabulary"], config["max_words"])
