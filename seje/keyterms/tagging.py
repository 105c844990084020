"""Training the ingredient tagger, and its verdicts: an entity's words, and whether to trust them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from seje.data.threads import one_thread
from seje.errors import SejeError
from seje.keyterms.tagger import LONGEST_LINE, Tagger, mask
from seje.progress import track

UNKNOWN_SHARE = 0.1  # of words that lose their vector in training, so that the characters learn
BATCHES_IN_A_POOL = 50  # lines are sorted by length within a pool


@dataclass(frozen=True, slots=True)
class Example:
    """A line's words, and 1 for each word of its entity; None where it is known to have none."""

    words: tuple[str, ...]
    labels: tuple[int, ...] | None


class Verdict(NamedTuple):
    """Places of the entity's words in the line, and whether the tagger is sure of the line.

    Of a heading there is nothing to say.
    """

    places: tuple[int, ...]
    valid: bool
    heading: bool = False


HEADING = Verdict((), False, True)


@one_thread()
def train(
    tagger: Tagger, examples: Sequence[Example], *, epochs: int, batch: int, lr: float, seed: int
) -> None:
    """Fit the tagger by Adam on word and line decisions together; SejeError where its weights run away."""
    optimizer = torch.optim.Adam(tagger.parameters(), lr=lr)
    order = np.random.default_rng(seed)
    unknown = torch.Generator().manual_seed(seed)
    lengths = np.array([min(len(example.words), LONGEST_LINE) for example in examples], dtype=np.int64)
    tagger.train()
    for epoch in range(epochs):
        batches = list(_batches(lengths, batch, order))
        for places in track(batches, f"tagger: epoch {epoch + 1} of {epochs}"):
            optimizer.zero_grad()
            loss = _loss(tagger, [examples[place] for place in places], unknown)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        if not all(weight.isfinite().all() for weight in tagger.parameters()):
            raise SejeError(f"keyterms: the tagger diverged in epoch {epoch + 1}: lower keyterms.lr")
    tagger.eval()


@one_thread()
@torch.no_grad()
def judge(tagger: Tagger, lines: Sequence[Sequence[str]], batch: int = 256) -> list[Verdict]:
    """Tag lines; empty ones too. Verdicts in the order of the lines.

    A line is valid if a word is tagged and the whole answer is more likely right than wrong, the decisions
    taken as independent: p(line) * product over words of max(p, 1 - p) > 1/2.
    """
    verdicts = [Verdict((), False)] * len(lines)
    lengths = np.array([min(len(line), LONGEST_LINE) for line in lines], dtype=np.int64)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(lines), batch):
        places = order[start : start + batch]
        rows, characters, counts = tagger.encode([lines[place] for place in places])
        word_logits, line_logits = tagger(rows, characters, counts)
        inside = mask(counts, rows.shape[1])
        probability = word_logits.sigmoid()
        sure = torch.maximum(probability, 1 - probability).masked_fill(~inside, 1.0).prod(dim=1)
        right = (line_logits.sigmoid() * sure).tolist()
        tagged = ((probability > 0.5) & inside).numpy()
        for row, place in enumerate(places):
            words = tuple(int(word) for word in np.flatnonzero(tagged[row]))
            verdicts[place] = Verdict(words, bool(words) and right[row] > 0.5)
    return verdicts


def _batches(
    lengths: npt.NDArray[np.int64], batch: int, order: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield places of examples of similar length, in random order."""
    shuffled = order.permutation(len(lengths))
    size = batch * BATCHES_IN_A_POOL
    found = []
    for start in range(0, len(shuffled), size):
        pool = shuffled[start : start + size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        found += [pool[first : first + batch] for first in range(0, len(pool), batch)]
    for place in order.permutation(len(found)):
        yield found[place]


def _loss(tagger: Tagger, examples: Sequence[Example], unknown: torch.Generator) -> Tensor:
    rows, characters, lengths = tagger.encode([example.words for example in examples])
    rows = rows.masked_fill(torch.rand(rows.shape, generator=unknown) < UNKNOWN_SHARE, 0)
    word_logits, line_logits = tagger(rows, characters, lengths)
    labels = torch.zeros(rows.shape)
    for place, example in enumerate(examples):
        if example.labels:
            cut = example.labels[:LONGEST_LINE]
            labels[place, : len(cut)] = torch.tensor(cut, dtype=torch.float32)
    found = torch.tensor([example.labels is not None for example in examples])
    # The words of a line without an entity teach nothing: which of them would be it is not known.
    taught = mask(lengths, rows.shape[1]) & found.unsqueeze(1)
    words = binary_cross_entropy_with_logits(word_logits, labels, taught.float(), reduction="sum")
    lines = binary_cross_entropy_with_logits(line_logits, found.float())
    return words / taught.sum().clamp(min=1) + lines
