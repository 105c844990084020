"""Ingredient tagger (SEJE): a bi-LSTM over a line's words, logistic output per word and for the line.

B lines, T words, C characters, D word vector, E features of a word, H hidden.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

LONGEST_LINE = 64  # words that are read; the rest of a longer line is no ingredient
CHARACTERS = 16  # of a word that are read: its first and last eight
ALPHABET = 128  # rows of the character table; 0 is padding
CHARACTER_SIZE = 16
WORD_SIZE = 32  # of the character-level part of a word


class Tagger(nn.Module):
    """Reads words by their vector, frozen, and by their characters, so that unseen words have something too.

    Args:
        vocabulary: words that have a vector, in the order of the rows after row 0, which is zero: unknown.
        vector_size: D.
        hidden: H, for each direction.
        vectors: float32 [V, D], or None where a state dict follows.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        vector_size: int,
        hidden: int,
        vectors: npt.NDArray[np.float32] | None = None,
    ) -> None:
        super().__init__()
        self.vocabulary = list(vocabulary)
        self.rows = {word: row for row, word in enumerate(vocabulary, 1)}
        self.hidden = hidden
        table = torch.zeros(len(self.rows) + 1, vector_size)
        if vectors is not None and len(vectors):
            table[1:] = torch.from_numpy(_unit(vectors))
        self.register_buffer("vectors", table)
        self.characters = nn.Embedding(ALPHABET, CHARACTER_SIZE, padding_idx=0)
        self.shape = nn.Conv1d(CHARACTER_SIZE, WORD_SIZE, 3, padding=1)
        self.lstm = nn.LSTM(vector_size + WORD_SIZE, hidden, batch_first=True, bidirectional=True)
        self.word = nn.Linear(2 * hidden, 1)
        self.line = nn.Linear(2 * hidden, 1)

    def config(self) -> dict[str, Any]:
        """What `Tagger(**config)` needs besides the state dict."""
        return {
            "vocabulary": self.vocabulary,
            "vector_size": self.lstm.input_size - WORD_SIZE,
            "hidden": self.hidden,
        }

    def encode(self, lines: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor, Tensor]:
        """Turn lines of words into rows int64 [B, T], characters int64 [B, T, C] and lengths int64 [B]."""
        cut = [line[:LONGEST_LINE] for line in lines]
        lengths = np.array([len(line) for line in cut], dtype=np.int64)
        longest = max(int(lengths.max(initial=0)), 1)
        rows = np.zeros((len(cut), longest), dtype=np.int64)
        characters = np.zeros((len(cut), longest, CHARACTERS), dtype=np.int64)
        for place, line in enumerate(cut):
            if line:
                rows[place, : len(line)] = [self.rows.get(word, 0) for word in line]
                characters[place, : len(line)] = [spelling(word) for word in line]
        return torch.from_numpy(rows), torch.from_numpy(characters), torch.from_numpy(lengths)

    def forward(self, rows: Tensor, characters: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits: each word is part of the entity [B, T], the line has one [B]."""
        shapes = self.shape(self.characters(characters.flatten(0, 1)).transpose(1, 2))  # [B*T, W, C]
        shapes = torch.relu(shapes).amax(dim=2).view(*rows.shape, WORD_SIZE)  # [B, T, W]
        features = torch.cat([self.vectors[rows], shapes], dim=2)  # type: ignore[index]  # [B, T, E]
        packed = pack_padded_sequence(features, lengths.clamp(min=1), batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=rows.shape[1])
        inside = mask(lengths, rows.shape[1]).unsqueeze(2)
        pooled = states.masked_fill(~inside, -1.0).amax(dim=1)  # [B, 2H]; -1: the least that an LSTM gives
        return self.word(states).squeeze(2), self.line(pooled).squeeze(1)


def mask(lengths: Tensor, longest: int) -> Tensor:
    """True where a word is: bool [B, T]."""
    return torch.arange(longest) < lengths.unsqueeze(1)


@lru_cache(maxsize=200_000)
def spelling(word: str) -> tuple[int, ...]:
    """Code a word's first and last characters; all digits are one, other signs share rows by hash."""
    ends = word if len(word) <= CHARACTERS else word[: CHARACTERS // 2] + word[-CHARACTERS // 2 :]
    codes = [_code(character) for character in ends]
    return tuple(codes + [0] * (CHARACTERS - len(codes)))


def _code(character: str) -> int:
    if character.isdecimal():
        return 1
    if character.isascii():
        return max(ord(character), 2) % ALPHABET
    return 2 + zlib.crc32(character.encode("utf-8", "surrogatepass")) % 30


def _unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-8)).astype(np.float32)
    return unit
