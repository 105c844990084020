"""Skip-instructions: an encoder trained to predict the next instruction of the recipe. Section 2.5.

B batch, T ids of a sentence, W size of a word vector, H hidden size, V ids.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import exp
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, pad

from seje.progress import track
from seje.text.sentences import END, PADDING, SIGNS, Ints, Sentences
from seje.text.vectors import Vectors, term_vector

CUTOFFS = (2000, 10000)  # ids of the head, and of head and first tail, of the output layer
CLIP = 1.0  # largest norm of the gradient
POOL = 64  # batches among which pairs are grouped by length


@dataclass(frozen=True)
class Sizes:
    """What the shape of an encoder depends on."""

    classes: int  # V
    word: int  # W
    hidden: int  # H
    layers: int

    def config(self) -> dict[str, int]:
        """Give the sizes as JSON knows them: `Sizes(**config)`."""
        return asdict(self)


class Encoder(nn.Module):
    """Word table and LSTM; the last state, scaled to unit length, is the sentence's vector."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.table = nn.Embedding(sizes.classes, sizes.word, padding_idx=PADDING)
        self.lstm = nn.LSTM(sizes.word, sizes.hidden, sizes.layers, batch_first=True)

    def forward(self, ids: Tensor) -> Tensor:
        """Encode sentences [B, T] of one id or more, padded behind: [B, H]."""
        states, _ = self.lstm(self.table(ids))  # [B, T, H]; padding comes after the state that is taken
        last = (ids != PADDING).sum(dim=1) - 1
        return normalize(states[torch.arange(len(ids), device=ids.device), last], dim=1)


class SkipInstructions(nn.Module):
    """The encoder, and a decoder of the next sentence that shares its word table."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.encoder = Encoder(sizes)
        self.decoder = nn.LSTM(sizes.word + sizes.hidden, sizes.hidden, batch_first=True)
        cutoffs = [cutoff for cutoff in CUTOFFS if cutoff < sizes.classes] or [sizes.classes - 1]
        self.output = nn.AdaptiveLogSoftmaxWithLoss(sizes.hidden, sizes.classes, cutoffs)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Give the log-likelihood of each id of the next sentences [B, T] that is not padding: [ids]."""
        vectors = self.encoder(source)
        before = pad(target, (1, 0), value=END)[:, :-1]  # what was said when an id is predicted
        given = vectors[:, None].expand(-1, target.shape[1], -1)
        states, _ = self.decoder(torch.cat([self.encoder.table(before), given], dim=2))
        real = target != PADDING
        return self.output(states[real], target[real]).output


def start_table(encoder: Encoder, vocabulary: list[str], vectors: Vectors) -> None:
    """Start the word table with word2vec's vectors, scaled to unit length; other ids at random, as long."""
    rows = [term_vector(vectors, word) for word in vocabulary]
    with torch.no_grad():
        for row, vector in enumerate(rows, SIGNS):
            if vector is not None:
                encoder.table.weight[row] = torch.from_numpy(vector)
        encoder.table.weight.copy_(normalize(encoder.table.weight, dim=1))


def train_epoch(
    model: SkipInstructions,
    optimizer: torch.optim.Optimizer,
    sentences: Sentences,
    pairs: Ints,
    batch: int,
    random: np.random.Generator,
) -> float:
    """Train on all pairs [pairs, 2] once, in an order of `random`; return the perplexity on the way."""
    model.train()
    batches = length_batches(sentences.lengths[pairs], batch, random)
    total, count = 0.0, 0
    for rows in track(batches, "skip-instructions"):
        likelihoods = model(*_tensors(model, sentences, pairs[rows]))
        optimizer.zero_grad()
        (-likelihoods.mean()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        total -= float(likelihoods.detach().sum())
        count += len(likelihoods)
    return exp(total / count)


@torch.no_grad()
def perplexity(model: SkipInstructions, sentences: Sentences, pairs: Ints, batch: int) -> float:
    """Perplexity of the second sentence of each pair [pairs, 2] given the first; `</s>` is predicted too."""
    model.eval()
    order = np.lexsort(sentences.lengths[pairs].T)
    total, count = 0.0, 0
    for rows in _chunks(order, batch):
        likelihoods = model(*_tensors(model, sentences, pairs[rows]))
        total -= float(likelihoods.double().sum())
        count += len(likelihoods)
    return exp(total / count)


@torch.no_grad()
def encode(encoder: Encoder, sentences: Sentences, rows: Ints, batch: int) -> npt.NDArray[np.float16]:
    """Encode the sentences `rows`: unit vectors, float16 [len(rows), H]; zero for an empty one."""
    encoder.eval()
    vectors = np.zeros((len(rows), encoder.lstm.hidden_size), np.float16)
    lengths = sentences.lengths[rows]
    order = np.argsort(lengths, kind="stable")
    for places in _chunks(order[np.count_nonzero(lengths == 0) :], batch):
        ids = torch.from_numpy(sentences.padded(rows[places])).to(encoder.table.weight.device)
        vectors[places] = encoder(ids).half().cpu().numpy()
    return vectors


def length_batches(lengths: Ints, batch: int, random: np.random.Generator) -> list[Ints]:
    """Part pairs into batches of like lengths [pairs, 2], in random order: rows of each batch."""
    shuffled = random.permutation(len(lengths))
    batches: list[Ints] = []
    for pool in _chunks(shuffled, POOL * batch):
        batches += _chunks(pool[np.lexsort(lengths[pool].T)], batch)
    return [batches[place] for place in random.permutation(len(batches))]


def _chunks(rows: npt.NDArray[Any], size: int) -> Iterator[Ints]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _tensors(model: SkipInstructions, sentences: Sentences, pairs: Ints) -> tuple[Tensor, Tensor]:
    device = model.encoder.table.weight.device
    source, target = (torch.from_numpy(sentences.padded(side)).to(device) for side in pairs.T)
    return source, target
