"""Training of the classifier: fine-tuning of the whole network."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from seje.categories.head import class_weights
from seje.categories.labelled import Labelled
from seje.categories.settings import FineTuningSettings
from seje.errors import SejeError
from seje.progress import track
from seje.vision.backbones import TorchBackbone
from seje.vision.classifier import Classifier, batches, chunks
from seje.vision.transforms import augment

LABEL_SMOOTHING = 0.1  # Szegedy et al., Rethinking the Inception architecture, CVPR 2016, section 7
WARM_UP = 0.2  # share of all steps; half of it, with beta2 0.98, was worse (docs/experiments.md)
WARM_UP_FROM = 0.02  # share of the peak that the rate starts at: not 0, which would waste the first step
WEIGHT_DECAY = 0.05  # that of AdamW in ConvNeXt (Liu et al., CVPR 2022) and of most networks since

State = dict[str, Any]


class FineTuning:
    """Fine-tunes a classifier; can go on from the state of any finished epoch with the same result."""

    def __init__(self, classifier: Classifier, settings: FineTuningSettings) -> None:
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
        weights = class_weights(train.labels, self.classifier.head)
        while self.epoch < self.settings.epochs:
            loss = self._train_epoch(train, weights)
            self.epoch += 1
            yield {
                "epoch": self.epoch,
                "loss": loss,
                "classifier": self.classifier.state_dict(),
                "optimiser": self.optimiser.state_dict(),
            }
        self._grow(1.0)

    def _train_epoch(self, train: Labelled, weights: Tensor | None) -> float:
        # Order, crops and flips depend on seed and epoch alone, so that a resumed epoch is the same one.
        order = np.random.default_rng([self.settings.seed, self.epoch]).permutation(len(train))
        torch.manual_seed(int(np.random.default_rng([self.settings.seed, self.epoch, 1]).integers(2**31)))
        self.classifier.train()
        parts = _no_single(chunks(order, self.settings.batch))
        photos = batches(train.squares, [train.rows[part] for part in parts])
        total = 0.0
        shown = track(zip(parts, photos, strict=True), f"fine-tuning epoch {self.epoch + 1}", len(parts))
        for step, (part, squares) in enumerate(shown):
            done = (self.epoch + step / len(parts)) / self.settings.epochs
            rate = learning_rate(done, self.settings.lr)
            self._grow(done)
            labels = torch.from_numpy(train.labels[part])
            pixels = augment(squares, self.classifier.crop)
            total += self._step(pixels, labels, rate, weights) * len(part)
        if not math.isfinite(total):
            raise SejeError(f"categories: the loss of epoch {self.epoch + 1} is {total}: lower categories.lr")
        return total / len(train)

    def _grow(self, done: float) -> None:
        """Train a shallow network first: its steps cost a third, and early ones teach it as much."""
        backbone = self.classifier.backbone
        if isinstance(backbone, TorchBackbone):
            backbone.skip_identities(done < self.settings.shallow)

    def _step(self, pixels: Tensor, labels: Tensor, rate: float, weights: Tensor | None) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        _, logits = self.classifier(pixels)
        labels = labels.to(logits.device)
        loss = F.cross_entropy(logits, labels, weights, label_smoothing=LABEL_SMOOTHING)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return float(loss.detach())


def learning_rate(done: float, peak: float) -> float:
    """Rate after a share of all steps: up to the peak in a line, then down to 0 in half a cosine."""
    if done < WARM_UP:
        return peak * (WARM_UP_FROM + (1 - WARM_UP_FROM) * done / WARM_UP)
    return peak * 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))


def _no_single(parts: list[Any]) -> list[Any]:
    """Join a last batch of one photo to the one before: batch normalisation cannot take it alone."""
    if len(parts) > 1 and len(parts[-1]) == 1:
        return [*parts[:-2], np.concatenate(parts[-2:])]
    return parts
