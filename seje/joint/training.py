"""The training loop of phase II, resumable after every step: the same bytes, resumed or not.

Lightning Fabric says on which device, in what precision and with which other processes. All processes draw
the same batches, views and masks; each embeds its share of a batch (`group`).
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from seje.errors import SejeError
from seje.joint import group
from seje.joint.batches import category_batches, random_batches
from seje.joint.discriminator import Discriminator, alignment_loss, discriminator_loss
from seje.joint.features import Pairs, PhotoFeatures, RecipeFeatures, Rows
from seje.joint.losses import (
    Temperature,
    category_loss,
    cosine_loss,
    distances,
    infonce_loss,
    triplet_loss,
)
from seje.joint.schedule import Plateau
from seje.joint.settings import LossSettings, Settings
from seje.joint.towers import JointModel, Sizes

Score = Callable[[JointModel], dict[str, float]]
History = list[dict[str, float]]
LINEAR_BATCH = 1024  # pairs read at a time for the linear part


class Training:
    """Model, discriminator, optimisers and counters of one run, and one step of it."""

    def __init__(
        self, sizes: Sizes, settings: Settings, loss: LossSettings, fabric: Fabric | None = None
    ) -> None:
        torch.manual_seed(settings.seed)
        self.fabric = fabric or Fabric(devices=1)
        self.device = self.fabric.device
        self.settings, self.loss = settings, loss
        self.model = JointModel(sizes).to(self.device)
        self.critic = Discriminator(sizes.embedding).to(self.device)
        self.temperature = Temperature().to(self.device)
        learned: list[dict[str, Any]] = [
            {"params": self.model.parameters(), "weight_decay": settings.weight_decay},
            {"params": self.temperature.parameters(), "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(learned, settings.lr)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), settings.lr, betas=(0.5, 0.999))
        self.plateau = Plateau(settings.patience, settings.stop)
        self.history: History = []
        self.best = self._weights()
        self.within: dict[str, Any] | None = None  # place in an epoch that was interrupted
        self.interrupted = False
        self.speed = 0.0  # pairs a second in the last epoch

    def interrupt(self) -> None:
        """End `run` after the step that it is at."""
        self.interrupted = True

    def run(
        self, recipes: RecipeFeatures, photos: PhotoFeatures, pairs: Pairs, score: Score
    ) -> Iterator[dict[str, Any]]:
        """Train until the end, yielding the whole state after each epoch, and on `interrupt`, to be saved.

        `score` measures the model on the validation pairs; its "score" chooses the weights that are kept.
        """
        if self.model.linear and not self.history:
            self._fit_linear(recipes, photos, pairs)
        while len(self.history) < self.settings.epochs and not self._over():
            epoch = len(self.history) + 1
            parts = self._epoch(recipes, photos, pairs, epoch)
            if parts is None:
                yield self.state()
                return
            self.model.eval()
            measured = group.of_the_first(score(self.model))
            lr = self._set_rate()
            if self.plateau.better(measured["score"]):
                self.best = self._weights()
            self.history.append({"epoch": epoch, **parts, **measured, "lr": lr})
            yield self.state()

    def step(
        self,
        recipes: RecipeFeatures,
        photos: PhotoFeatures,
        chosen: Rows,
        shown: Rows,
        random: np.random.Generator | None = None,
    ) -> dict[str, float]:
        """Learn from one batch: recipe rows, and the photo row shown for each. Returns the loss's parts.

        Raises SejeError, and learns nothing, where one of them is not finite.
        `random` draws the photos' views; without it their centres are taken.
        """
        views = random.integers(photos.pixels.shape[1], size=len(shown)) if random else None
        together = group.whole(len(chosen))
        mine = group.own(together)
        with self.fabric.autocast():
            recipe = self.model.recipe(recipes.batch(chosen[mine]).to(self.device))
            image = self.model.image(
                photos.batch(shown[mine], None if views is None else views[mine]).to(self.device)
            )
        image, recipe = group.gather(image), group.gather(recipe)
        categories = torch.from_numpy(recipes.categories[chosen[:together]]).to(self.device)
        parts: dict[str, Tensor] = {}
        if self.loss.discriminator:
            critic = (self.loss.gradient_penalty, self.loss.discriminator_form)
            parts["critic"] = discriminator_loss(self.critic, image, recipe, *critic)
            self._descend(self.critic_optimizer, parts["critic"])
        parts |= self._parts(image, recipe, categories)
        parts["loss"] = parts[self.loss.objective] + self._weighted(parts)
        values = dict(zip(parts, torch.stack(list(parts.values())).tolist(), strict=True))
        finite = all(math.isfinite(value) for value in values.values())
        if group.anyone(not finite, self.device):
            raise _NotFinite(", ".join(f"{name} {value:.4g}" for name, value in values.items()))
        self._descend(self.optimizer, parts["loss"], self.settings.clip)
        return values

    def state(self) -> dict[str, Any]:
        """All that an interrupted run needs to go on; an epoch's randomness comes from seed and epoch."""
        return {
            "model": self.model.state_dict(),
            "critic": self.critic.state_dict(),
            "temperature": self.temperature.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "critic_optimizer": self.critic_optimizer.state_dict(),
            "plateau": asdict(self.plateau),
            "history": self.history,
            "best": self.best,
            "within": self.within,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        for name in ("model", "critic", "temperature", "optimizer", "critic_optimizer"):
            getattr(self, name).load_state_dict(state[name])
        self.plateau = Plateau(**state["plateau"])
        self.history, self.best, self.within = state["history"], state["best"], state["within"]

    def _epoch(
        self, recipes: RecipeFeatures, photos: PhotoFeatures, pairs: Pairs, epoch: int
    ) -> dict[str, float] | None:
        """Means of the loss's parts over an epoch; None where it was interrupted."""
        random = np.random.default_rng([self.settings.seed, epoch])
        torch.manual_seed(int(random.integers(2**62)))
        self.model.train()
        sums: defaultdict[str, float] = defaultdict(float)
        batches = self._batches(recipes.categories[pairs.recipes], random)
        first = self._go_on(sums, random) if self.within else 0
        start = time.perf_counter()
        for number, places in enumerate(batches[first:], first + 1):
            shown = pairs.first[places] + random.integers(pairs.count[places])
            try:
                parts = self.step(recipes, photos, pairs.recipes[places], shown, random)
            except _NotFinite as error:
                raise _NotFinite(f"{error.parts} at step {number} of epoch {epoch}") from None
            for name, value in parts.items():
                sums[name] += value / len(batches)
            if group.anyone(self.interrupted, self.device):
                self.interrupted = True
                self.within = {"steps": number, "sums": dict(sums), "random": _random_state(random)}
                return None
        self.speed = sum(map(len, batches[first:])) / (time.perf_counter() - start)
        return dict(sums)

    def _batches(self, categories: Rows, random: np.random.Generator) -> list[Rows]:
        if self.settings.batches == "category":
            return category_batches(categories, self.settings.batch, random)
        return random_batches(len(categories), self.settings.batch, random)

    def _go_on(self, sums: dict[str, float], random: np.random.Generator) -> int:
        """Take an interrupted epoch up again; how many of its steps are done."""
        assert self.within
        steps: int = self.within["steps"]
        sums.update(self.within["sums"])
        _set_random_state(self.within["random"], random)
        self.within = None
        return steps

    def _parts(self, image: Tensor, recipe: Tensor, categories: Tensor) -> dict[str, Tensor]:
        loss = self.loss
        distance = distances(image, recipe)
        parts: dict[str, Tensor] = {}
        if loss.objective == "triplet":
            parts["triplet"] = triplet_loss(distance, categories, loss.margin, loss.gamma, loss.negatives)
        elif loss.objective == "cosine":
            parts["cosine"] = cosine_loss(distance, float(loss.margin))
        else:
            temperature = self.temperature() if loss.temperature == "learned" else loss.temperature
            parts["infonce"] = infonce_loss(distance, temperature)
        if loss.category:
            sides = (
                category_loss(self.model.category(x), categories, loss.background) for x in (image, recipe)
            )
            parts["category"] = torch.stack(list(sides)).sum()
        if loss.discriminator:
            parts["discriminator"] = alignment_loss(self.critic, recipe, loss.discriminator_form)
        return parts

    def _weighted(self, parts: dict[str, Tensor]) -> Tensor:
        weights = {"category": self.loss.category, "discriminator": self.loss.discriminator}
        terms = [weight * parts[name] for name, weight in weights.items() if name in parts]
        return torch.stack(terms).sum() if terms else torch.zeros((), device=self.device)

    def _over(self) -> bool:
        return self.settings.schedule == "plateau" and self.plateau.over

    def _fit_linear(self, recipes: RecipeFeatures, photos: PhotoFeatures, pairs: Pairs) -> None:
        """Fit the linear part to every recipe and its first photo."""

        def features() -> Iterator[tuple[Tensor, Tensor]]:
            for start in range(0, len(pairs), LINEAR_BATCH):
                places = slice(start, start + LINEAR_BATCH)
                recipe = self.model.flat_recipes(recipes.batch(pairs.recipes[places]))
                yield recipe, photos.batch(pairs.first[places]).pixels

        assert self.model.linear
        self.model.linear.fit(features(), self.model.widths(), self.settings.ridge)

    def _set_rate(self) -> float:
        cosine = (1 + math.cos(math.pi * (len(self.history) + 1) / self.settings.epochs)) / 2
        lr = self.settings.lr * (cosine if self.settings.schedule == "cosine" else self.plateau.factor)
        for optimizer in (self.optimizer, self.critic_optimizer):
            for weights in optimizer.param_groups:
                weights["lr"] = lr
        return lr

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().cpu().clone() for name, tensor in self.model.state_dict().items()}

    @staticmethod
    def _descend(optimizer: torch.optim.Optimizer, loss: Tensor, clip: float = 0.0) -> None:
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        weights = [weight for some in optimizer.param_groups for weight in some["params"]]
        group.average_gradients(weights)
        if clip:
            torch.nn.utils.clip_grad_norm_(weights, clip)
        optimizer.step()


class _NotFinite(SejeError):
    def __init__(self, parts: str) -> None:
        self.parts = parts
        cure = "try a smaller joint.lr or loss.gamma, or a joint.clip of 1"
        super().__init__(f"joint: the loss is not finite ({parts}): {cure}")


def _random_state(random: np.random.Generator) -> dict[str, Any]:
    cuda = torch.cuda.get_rng_state() if torch.cuda.is_available() else None
    return {"numpy": random.bit_generator.state, "cpu": torch.get_rng_state(), "cuda": cuda}


def _set_random_state(state: dict[str, Any], random: np.random.Generator) -> None:
    random.bit_generator.state = state["numpy"]
    torch.set_rng_state(state["cpu"])
    if state["cuda"] is not None:
        torch.cuda.set_rng_state(state["cuda"])
