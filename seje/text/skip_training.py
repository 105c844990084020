"""Training of skip-instructions: batches of like lengths, perplexity, epochs to be resumed. Section 2.5."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, isfinite
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from seje.errors import SejeError
from seje.progress import track
from seje.text.sentences import Ints, Sentences
from seje.text.skip import SkipInstructions

CLIP = 1.0  # largest norm of the gradient
POOL = 256  # batches among which pairs are grouped by length
STRIP = 8  # source sentences whose lengths differ by less are grouped by the length of the target

State = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of training."""

    epochs: int
    batch: int
    lr: float
    seed: int


def train(
    model: SkipInstructions,
    sentences: Sentences,
    pairs: Ints,
    val: Ints,
    settings: Settings,
    state: State | None = None,
) -> Iterator[State]:
    """Train epoch by epoch and give the state after each; go on from `state`, one that was given before.

    Every epoch has randomness of its own, so that a resumed training ends as an undisturbed one. A state
    holds the number of its `epoch` and in `reached` the perplexities of the next sentence: while training
    (`train_perplexity`), and of `val` (`perplexity`) where that is not empty.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr)
    done = 0
    if state:
        done = state["epoch"]
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    for epoch in range(done + 1, settings.epochs + 1):
        random = np.random.default_rng([settings.seed, epoch])
        learnt = train_epoch(model, optimizer, sentences, pairs, settings.batch, random)
        reached = {"train_perplexity": learnt}
        if len(val):
            reached["perplexity"] = perplexity(model, sentences, val, settings.batch)
        trained = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
        yield {"epoch": epoch, "reached": reached, **trained}


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
    total, count = 0.0, 0
    for rows in track(length_batches(sentences.lengths[pairs], batch, random), "skip-instructions batches"):
        likelihoods = model(*_tensors(model, sentences, pairs[rows]))
        optimizer.zero_grad()
        (-likelihoods.mean()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        total -= float(likelihoods.detach().sum())
        count += len(likelihoods)
    return _perplexity(total, count)


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
    return _perplexity(total, count)


def length_batches(lengths: Ints, batch: int, random: np.random.Generator) -> list[Ints]:
    """Part pairs into batches of like lengths [pairs, 2], in random order: rows of each batch."""
    shuffled = random.permutation(len(lengths))
    batches: list[Ints] = []
    for pool in _chunks(shuffled, POOL * batch):
        sources, targets = lengths[pool].T
        batches += _chunks(pool[np.lexsort((targets, sources // STRIP))], batch)
    return [batches[place] for place in random.permutation(len(batches))]


def _chunks(rows: npt.NDArray[Any], size: int) -> Iterator[Ints]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _tensors(model: SkipInstructions, sentences: Sentences, pairs: Ints) -> tuple[Tensor, Tensor]:
    device = model.encoder.table.weight.device
    source, target = (torch.from_numpy(sentences.padded(side)).to(device) for side in pairs.T)
    return source, target


def _perplexity(total: float, count: int) -> float:
    if not isfinite(total):
        raise SejeError("training of the sentence encoder diverged: lower instructions.lr")
    return exp(min(total / count, 700.0))
