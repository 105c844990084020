"""The training loop of phase II, resumable after every step: the same bytes, resumed or not.

Lightning Fabric says on which device, in what precision and with which other processes. All processes draw
the same batches and views; each embeds its share of a batch, under masks of its own (`group`).
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from seje.data.parallel import map_threads
from seje.joint.along import freeze, gathered, rated
from seje.joint.cnn import Cnn
from seje.joint.linear import fit_linear
from seje.joint.not_finite import NotFinite, need_finite_loss, need_finite_measures
from seje.joint.objective import Objective
from seje.joint.optimisers import Optimisers
from seje.joint.sampling import Batch, EpochSampler, Halves, load
from seje.joint.schedule import Plateau
from seje.joint.settings import LossSettings, TrainingSettings
from seje.joint.text import TextEncoder
from seje.towers import distributed
from seje.towers.features import Pairs, PhotoBatch, PhotoFeatures, RecipeBatch, RecipeFeatures, Rows
from seje.towers.joint_model import JointModel, ModelSizes

Score = Callable[[JointModel], dict[str, float]]
History = list[dict[str, float]]
LOADING_THREADS = 2


class Training:
    """Model, discriminator, optimisers and counters of one run, and one step of it."""

    def __init__(
        self,
        sizes: ModelSizes,
        settings: TrainingSettings,
        loss: LossSettings,
        fabric: Fabric | None = None,
        cnn: Cnn | None = None,
        text: TextEncoder | None = None,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.fabric = fabric or Fabric(devices=1)
        self.device = self.fabric.device
        self.settings = settings
        self.model = JointModel(sizes).to(self.device)
        self.objective = Objective(sizes.embedding, loss).to(self.device)
        self.cnn = distributed.synchronised(cnn).to(self.device) if cnn else None
        self.text = text.to(self.device) if text else None
        along = rated(self.cnn, self.text, settings)
        self.along: list[nn.Module] = [network for network, _ in along]
        self.optimisers = Optimisers(settings, self.model, self.objective, along)
        self.plateau = Plateau(settings.patience, settings.stop)
        self.history: History = []
        self.best = gathered(self.model, self.cnn, self.text)
        self.within: dict[str, Any] | None = None  # place in an epoch that was interrupted
        self.interrupted = False
        self.speed = 0.0  # pairs a second in the last epoch

    def interrupt(self) -> None:
        """End `run` after the step that it is at."""
        self.interrupted = True

    def run(
        self,
        recipes: RecipeFeatures,
        photos: PhotoFeatures,
        pairs: Pairs,
        score: Score,
        alone: Rows | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Train until the end, yielding the whole state after each epoch, and on `interrupt`, to be saved.

        `score` measures the model on the validation pairs; its "score" chooses the weights that are kept.
        `alone` are the recipes, with a photo or without, that `loss.recipe` learns from.
        """
        if self.model.linear and not self.history:
            fit_linear(self.model, recipes, photos, pairs, self.settings)
        views, stops = photos.pixels.shape[1], self.settings.schedule == "plateau"
        while len(self.history) < self.settings.epochs and not (stops and self.plateau.over):
            number = len(self.history) + 1
            lr = self.optimisers.set_rate(number, self.plateau.factor)
            epoch = EpochSampler(self.settings, pairs, views, number, alone, photos.starts)
            parts = self._epoch(recipes, photos, epoch, number)
            if parts is None:
                yield self.state()
                return
            self.model.eval()
            measured = distributed.of_the_first(score(self.model))
            self._judge(measured, number)
            self.history.append({"epoch": number, **parts, **measured, "lr": lr})
            yield self.state()

    def step(self, batch: Batch) -> dict[str, float]:
        """Learn from one batch; the parts of the loss. Raises SejeError where one of them is not finite."""
        distributed.seed_own(batch.seed)
        image, recipe = self.embed(batch)
        categories = batch.categories.to(self.device)
        parts: dict[str, Tensor] = {}
        if self.objective.settings.discriminator:
            alike = torch.Generator(self.device).manual_seed(batch.seed)
            parts["critic"] = self.objective.critic_loss(image, recipe, alike)
            self.optimisers.learn_critic(parts["critic"])
        parts |= self.objective(image, recipe, categories, self.model.category)
        if batch.halves:
            parts["recipe"] = self._between_halves(batch.halves)
            parts["loss"] = parts["loss"] + self.objective.settings.recipe * parts["recipe"]
        values = dict(zip(parts, torch.stack(list(parts.values())).tolist(), strict=True))
        need_finite_loss(values, self.device)
        self.optimisers.learn(parts["loss"])
        return values

    def embed(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Embeddings [N, E] of the whole batch's photos and recipes, those of other processes included."""
        with self.fabric.autocast():
            recipe = self._embed_recipes(batch.recipes)
            photos = batch.photos
            if self.cnn:
                photos = PhotoBatch(self.cnn(photos.pixels, augmented=True), photos.labels)
            image = self.model.image(photos.to(self.device))
        return distributed.gather(image), distributed.gather(recipe)

    def _embed_recipes(self, recipes: RecipeBatch) -> Tensor:
        """Embeddings of this process's share of recipes, whose lines a text encoder may have to read."""
        moved = recipes.to(self.device)
        embedded: Tensor = self.model.recipe(self.text(moved) if self.text else moved)
        return embedded

    def _between_halves(self, halves: Halves) -> Tensor:
        """The objective between views of recipes, those of other processes included."""
        with self.fabric.autocast():
            sides = [self._embed_recipes(half) for half in (halves.one, halves.other)]
        one, other = map(distributed.gather, sides)
        return self.objective.between_halves((one, other), halves.categories.to(self.device))

    def state(self) -> dict[str, Any]:
        """All that an interrupted run needs to go on; what a step draws comes from seed, epoch and step."""
        parts = {name: part.state_dict() for name, part in self._parts().items()}
        counters = {"plateau": asdict(self.plateau), "history": self.history, "within": self.within}
        return {**parts, **counters, "best": self.best}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.plateau = Plateau(**state["plateau"])
        self.history, self.best, self.within = state["history"], state["best"], state["within"]

    def _parts(self) -> dict[str, Any]:
        parts = {"model": self.model, "objective": self.objective, "optimisers": self.optimisers}
        return parts | {name: part for name, part in (("cnn", self.cnn), ("text", self.text)) if part}

    def _epoch(
        self, recipes: RecipeFeatures, photos: PhotoFeatures, epoch: EpochSampler, number: int
    ) -> dict[str, float] | None:
        """Means of the loss's parts over an epoch; None where it was interrupted."""
        self.model.train()
        freeze(self.along, number <= self.settings.freeze_epochs)
        sums: defaultdict[str, float] = defaultdict(float)
        first, pairs, start = self._go_on(sums) if self.within else 0, 0, time.perf_counter()
        draws = islice(epoch.draws(), first, None)
        loaded = map_threads(partial(load, recipes, photos), draws, LOADING_THREADS)
        for step, batch in enumerate(loaded, first + 1):
            try:
                parts = self.step(batch)
            except NotFinite as error:
                raise NotFinite(f"{error.parts} at step {step} of epoch {number}") from None
            pairs += len(batch.categories)
            for name, value in parts.items():
                sums[name] += value / len(epoch)
            if distributed.anyone(self.interrupted, self.device):
                self.interrupted = True
                self.within = {"steps": step, "sums": dict(sums)}
                return None
        self.speed = pairs / (time.perf_counter() - start)
        return dict(sums)

    def _go_on(self, sums: dict[str, float]) -> int:
        """Take an interrupted epoch up again; how many of its steps are done."""
        assert self.within
        steps: int = self.within["steps"]
        sums.update(self.within["sums"])
        self.within = None
        return steps

    def _judge(self, measured: dict[str, float], number: int) -> None:
        """Keep the weights where the epoch's score is the best; SejeError where something is not finite."""
        need_finite_measures(measured, number)
        if self.plateau.improved_by(measured["score"]):
            self.best = gathered(self.model, self.cnn, self.text)
        self.plateau.count(measured["score"])
