"""The optimisers of phase II: of all that is learned together, and of the discriminator."""

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
        self,
        settings: TrainingSettings,
        model: nn.Module,
        objective: Objective,
        along: list[tuple[nn.Module, float]],
    ) -> None:
        """`along` are the networks that are trained along with the towers, each with its learning rate."""
        self.settings = settings
        self._temperature = objective.temperature
        learned: list[dict[str, Any]] = [
            {"params": model.parameters(), "weight_decay": settings.weight_decay},
            {"params": objective.temperature.parameters(), "weight_decay": 0.0},
        ]
        learned += [{"params": network.parameters(), "weight_decay": 0.0} for network, _ in along]
        self._rates = [settings.lr, settings.lr, *(rate for _, rate in along)]
        self.towers = torch.optim.AdamW(learned, settings.lr, fused=True)
        self.critic = torch.optim.Adam(
            objective.critic.parameters(), settings.lr, betas=(0.5, 0.999), fused=True
        )

    def learn(self, loss: Tensor) -> None:
        """Step towers, temperature, and what is trained along."""
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
        rates = [*self._rates, *[self.settings.lr] * len(self.critic.param_groups)]
        for weights, rate in zip(self.towers.param_groups + self.critic.param_groups, rates, strict=True):
            weights["lr"] = rate * factor
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
