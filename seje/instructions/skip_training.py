"""Training of skip-instructions: batches of like lengths, perplexity, epochs to be resumed. Section 2.5."""

from collections.abc import Iterator
from math import exp
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from seje.data.threads import one_thread
from seje.errors import SejeError
from seje.instructions.sentences import Ints, Sentences
from seje.instructions.skip import SkipInstructions
from seje.progress import track

CLIP = 1.0  # largest norm of the gradient
POOL = 256  # batches among which pairs are grouped by length
STRIP = 8  # source sentences whose lengths differ by less are grouped by the longest target

State = dict[str, Any]


def train(
    model: SkipInstructions,
    sentences: Sentences,
    pairs: Ints,
    val: Ints,
    *,
    epochs: int,
    batch: int,
    lr: float,
    seed: int,
    state: State | None = None,
) -> Iterator[State]:
    """Train epoch by epoch and give the state after each; go on from `state`, one that was given before.

    Every epoch has randomness of its own, so that a resumed training ends as an undisturbed one. A state
    holds the number of its `epoch` and in `reached` the perplexities: of `val`, where that is not empty, and
    while training (`train_perplexity`); with a second decoder those of the previous sentence as well.

    Args:
        model: where it lies, it is trained; on a GPU in bfloat16 where that is safe.
        sentences: what the rows of `pairs` and `val` name.
        pairs: int64 [pairs, 1 + decoders], a sentence and what each decoder predicts.
        val: likewise, of the val partition.
        epochs: how often all pairs are gone through.
        batch: pairs in a batch.
        lr: learning rate of Adam.
        seed: of the order of the batches.
        state: what to go on from.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    done = 0
    if state:
        done = state["epoch"]
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    for epoch in range(done + 1, epochs + 1):
        random = np.random.default_rng([seed, epoch])
        with one_thread(small=model.encoder.small):
            learnt = train_epoch(model, optimizer, sentences, pairs, batch, random)
            reached = {f"train_{name}": value for name, value in learnt.items()}
            reached |= perplexities(model, sentences, val, batch) if len(val) else {}
        trained = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
        yield {"epoch": epoch, "reached": reached, **trained}


def train_epoch(
    model: SkipInstructions,
    optimizer: torch.optim.Optimizer,
    sentences: Sentences,
    pairs: Ints,
    batch: int,
    random: np.random.Generator,
) -> dict[str, float]:
    """Train on all pairs [pairs, 1 + decoders] once, in an order of `random`; perplexities on the way."""
    model.train()
    sums = np.zeros((len(model.decoders), 2))
    for rows in track(length_batches(sentences.lengths[pairs], batch, random), "skip-instructions batches"):
        likelihoods = _likelihoods(model, sentences, pairs[rows])
        optimizer.zero_grad()
        (-torch.cat(likelihoods).mean()).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        sums += _sums(likelihoods)
    return _perplexities(sums)


@torch.no_grad()
def perplexities(model: SkipInstructions, sentences: Sentences, pairs: Ints, batch: int) -> dict[str, float]:
    """Perplexity of what each decoder predicts from the first sentence of the pairs; `</s>` counts too.

    Returns:
        `perplexity` of the next sentence and, with a second decoder, `previous_perplexity`.
    """
    model.eval()
    sums = np.zeros((len(model.decoders), 2))
    for rows in _chunks(np.lexsort(sentences.lengths[pairs].T), batch):
        sums += _sums(_likelihoods(model, sentences, pairs[rows]))
    return _perplexities(sums)


def length_batches(lengths: Ints, batch: int, random: np.random.Generator) -> list[Ints]:
    """Part pairs into batches of like lengths [pairs, 1 + decoders], in random order: rows of each batch."""
    shuffled = random.permutation(len(lengths))
    batches: list[Ints] = []
    for pool in _chunks(shuffled, POOL * batch):
        sources, targets = lengths[pool, 0], lengths[pool, 1:].max(axis=1)
        batches += _chunks(pool[np.lexsort((targets, sources // STRIP))], batch)
    return [batches[place] for place in random.permutation(len(batches))]


def _chunks(rows: npt.NDArray[Any], size: int) -> Iterator[Ints]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _likelihoods(model: SkipInstructions, sentences: Sentences, pairs: Ints) -> list[Tensor]:
    device = model.encoder.table.weight.device
    ids = [torch.from_numpy(sentences.padded(side)).to(device) for side in pairs.T]
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        likelihoods: list[Tensor] = model(*ids)
    return likelihoods


def _sums(likelihoods: list[Tensor]) -> npt.NDArray[np.float64]:
    """Sum of log-likelihoods, and their number, for each decoder: [decoders, 2]."""
    return np.array([[float(part.detach().double().sum()), len(part)] for part in likelihoods])


def _perplexities(sums: npt.NDArray[np.float64]) -> dict[str, float]:
    if not np.isfinite(sums).all():
        raise SejeError("training of the sentence encoder diverged: lower instructions.lr")
    values = [exp(min(-total / count, 700.0)) for total, count in sums]
    return dict(zip(("perplexity", "previous_perplexity"), values, strict=False))
