"""Discriminator-based alignment (SEJE, phase II): recipe embeddings are to look like photo embeddings.

The released code takes the log of an unbounded critic, which is NaN at the first step for about half of all
seeds. Here the network gives a logit and every log is a softplus of it, finite wherever the logit is.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

SLOPE = 0.2


class Discriminator(nn.Module):
    """Tells photo embeddings (logit > 0) from recipe embeddings: E -> 512 -> 256 -> 1."""

    def __init__(self, embedding: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(embedding, 512),
            nn.LeakyReLU(SLOPE),
            nn.Linear(512, 256),
            nn.LeakyReLU(SLOPE),
            nn.Linear(256, 1),
        )

    def forward(self, embeddings: Tensor) -> Tensor:
        """Logits (N,) that the embeddings (N, E) are of photos."""
        logits: Tensor = self.layers(embeddings)
        return logits.squeeze(1)


def discriminator_loss(critic: Discriminator, images: Tensor, recipes: Tensor, penalty: float) -> Tensor:
    """What the discriminator minimises: -log D(v) - log(1 - D(r)) + penalty * GP, D the logit's sigmoid.

    Takes the embeddings without their history, so that only the discriminator learns.
    """
    images, recipes = images.detach(), recipes.detach()
    told_apart = softplus(-critic(images)).mean() + softplus(critic(recipes)).mean()
    return told_apart + penalty * gradient_penalty(critic, images, recipes)


def alignment_loss(critic: Discriminator, recipes: Tensor) -> Tensor:
    """What the recipe tower minimises: -log D(r)."""
    return softplus(-critic(recipes)).mean()


def gradient_penalty(critic: Discriminator, images: Tensor, recipes: Tensor) -> Tensor:
    """GP = E (|grad of the logit at x| - 1)^2 at x = alpha v + (1 - alpha) r, alpha uniform per row."""
    alpha = torch.rand(len(images), 1, device=images.device)
    between = (alpha * images + (1 - alpha) * recipes).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    # The root of 0 has no gradient: the floor keeps it finite.
    norm = gradient.square().sum(dim=1).clamp_min(1e-12).sqrt()
    return (norm - 1).square().mean()
