"""Training of the classifier: fine-tuning of the whole network, or of the head on frozen features.

N photos, F features, K classes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from seje.errors import SejeError
from seje.progress import track
from seje.vision.classifier import Classifier, batches, chunks, classify
from seje.vision.labelled import Labelled
from seje.vision.transforms import augment

LABEL_SMOOTHING = 0.1
WARM_UP = 0.2  # share of all steps
WEIGHT_DECAY = 0.05
HEAD_WEIGHT_DECAY = 0.1
HEAD_STEPS = 200

State = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of fine-tuning."""

    epochs: int
    batch: int
    lr: float
    seed: int


class FineTuning:
    """Fine-tunes a classifier; can go on from the state of any finished epoch with the same result."""

    def __init__(self, classifier: Classifier, settings: Settings) -> None:
        self.classifier, self.settings, self.epoch = classifier, settings, 0
        self.optimiser = torch.optim.AdamW(
            classifier.parameters(), lr=settings.lr, weight_decay=WEIGHT_DECAY, fused=True
        )

    def restore(self, state: State) -> None:
        """Take up a state that `run` gave."""
        self.epoch = state["epoch"]
        self.classifier.load_state_dict(state["classifier"])
        self.optimiser.load_state_dict(state["optimiser"])

    def run(self, train: Labelled) -> Iterator[State]:
        """Train the epochs that are left; gives state and mean loss after each."""
        while self.epoch < self.settings.epochs:
            loss = self._train_epoch(train)
            self.epoch += 1
            yield {
                "epoch": self.epoch,
                "loss": loss,
                "classifier": self.classifier.state_dict(),
                "optimiser": self.optimiser.state_dict(),
            }

    def _train_epoch(self, train: Labelled) -> float:
        # Order, crops and flips depend on seed and epoch alone, so that a resumed epoch is the same one.
        order = np.random.default_rng([self.settings.seed, self.epoch]).permutation(len(train))
        torch.manual_seed(int(np.random.default_rng([self.settings.seed, self.epoch, 1]).integers(2**31)))
        self.classifier.train()
        parts = _no_single(chunks(order, self.settings.batch))
        photos = batches(train.squares, [train.rows[part] for part in parts])
        total = 0.0
        shown = track(zip(parts, photos, strict=True), f"fine-tuning epoch {self.epoch + 1}", len(parts))
        for step, (part, squares) in enumerate(shown):
            rate = learning_rate((self.epoch + step / len(parts)) / self.settings.epochs, self.settings.lr)
            labels = torch.from_numpy(train.labels[part])
            total += self._step(augment(squares, self.classifier.crop), labels, rate) * len(part)
        if not math.isfinite(total):
            raise SejeError(f"categories: the loss of epoch {self.epoch + 1} is {total}: lower categories.lr")
        return total / len(train)

    def _step(self, pixels: Tensor, labels: Tensor, rate: float) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        _, logits = self.classifier(pixels)
        loss = F.cross_entropy(logits, labels.to(logits.device), label_smoothing=LABEL_SMOOTHING)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return float(loss.detach())


def learning_rate(done: float, peak: float) -> float:
    """Rate after a share of all steps: up to the peak in a line, then down to 0 in half a cosine."""
    if done < WARM_UP:
        return peak * (0.02 + 0.98 * done / WARM_UP)
    return peak * 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))


def fit_head(classifier: Classifier, train: Labelled) -> None:
    """Fit the head alone: multinomial logistic regression on standardised features, by L-BFGS."""
    count = -(-len(train) // 64)
    found = track(classify(classifier, train.squares, train.rows), "features of labelled photos", count)
    features = torch.cat([features[:, 0] for features, _ in found]).double()  # (N, F)
    labels = torch.from_numpy(train.labels)
    mean, deviation = features.mean(0), features.std(0, correction=0).clamp(min=1e-6)
    weight, bias = _logistic((features - mean) / deviation, labels, classifier.head.out_features)
    # The head takes raw features: the standardisation goes into its weights.
    raw = weight / deviation
    with torch.no_grad():
        classifier.head.weight.copy_(raw)
        classifier.head.bias.copy_(bias - raw @ mean)


def _logistic(inputs: Tensor, labels: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    weight = torch.zeros(classes, inputs.shape[1], dtype=inputs.dtype, requires_grad=True)
    bias = torch.zeros(classes, dtype=inputs.dtype, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=HEAD_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        solver.zero_grad()
        penalty = HEAD_WEIGHT_DECAY * weight.square().sum() / 2
        value = F.cross_entropy(inputs @ weight.T + bias, labels) + penalty
        value.backward()  # type: ignore[no-untyped-call]
        return value

    solver.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()


def _no_single(parts: list[Any]) -> list[Any]:
    """Join a last batch of one photo to the one before: batch normalisation cannot take it alone."""
    if len(parts) > 1 and len(parts[-1]) == 1:
        return [*parts[:-2], np.concatenate(parts[-2:])]
    return parts
