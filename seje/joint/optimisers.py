"""The optimisers of phase II: of towers, temperature and CNN together, and of the discriminator."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from seje.joint.objective import Objective
from seje.joint.settings import TrainingSettings
from seje.towers import distributed


class Optimisers:
    """AdamW for what is learned together, Adam with the usual betas of adversaries for the discriminator."""

    def __init__(
        self, settings: TrainingSettings, model: nn.Module, objective: Objective, cnn: nn.Module | None
    ) -> None:
        self.settings, self._has_cnn = settings, cnn is not None
        self._temperature = objective.temperature
        learned: list[dict[str, Any]] = [
            {"params": model.parameters(), "weight_decay": settings.weight_decay},
            {"params": objective.temperature.parameters(), "weight_decay": 0.0},
        ]
        if cnn:
            learned.append({"params": cnn.parameters(), "lr": settings.pixels_lr, "weight_decay": 0.0})
        self.towers = torch.optim.AdamW(learned, settings.lr, fused=True)
        self.critic = torch.optim.Adam(
            objective.critic.parameters(), settings.lr, betas=(0.5, 0.999), fused=True
        )

    def learn(self, loss: Tensor) -> None:
        """Step towers, temperature and CNN."""
        _backward(self.towers, loss)
        self.towers.step()
        self._temperature.hold()

    def learn_critic(self, loss: Tensor) -> None:
        """Step the discriminator."""
        _backward(self.critic, loss)
        self.critic.step()

    def set_rate(self, epoch: int, plateau: float) -> float:
        """Set the learning rates of an epoch, before it: by cosine or the plateau's factor; the towers'.

        The cosine falls from its peak in epoch 1 to where 0 would be that of the epoch after the last.
        """
        cosine = (1 + math.cos(math.pi * (epoch - 1) / self.settings.epochs)) / 2
        factor = cosine if self.settings.schedule == "cosine" else plateau
        for weights in self.towers.param_groups + self.critic.param_groups:
            weights["lr"] = self.settings.lr * factor
        if self._has_cnn:
            self.towers.param_groups[-1]["lr"] = self.settings.pixels_lr * factor
        return self.settings.lr * factor

    def state_dict(self) -> dict[str, Any]:
        """State of both."""
        return {"towers": self.towers.state_dict(), "critic": self.critic.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self.towers.load_state_dict(state["towers"])
        self.critic.load_state_dict(state["critic"])


def _backward(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Compute the gradients, the mean of all processes."""
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    distributed.average_gradients(weight for some in optimizer.param_groups for weight in some["params"])
