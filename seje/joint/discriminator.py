"""Discriminator-based alignment (SEJE, phase II): recipe embeddings are to look like photo embeddings.

The released code takes the log of an unbounded critic, which is NaN at the first step for about half of all
seeds. Here the network gives a logit z and the losses are finite wherever it is, in either form:
`logistic`, D(x) = sigmoid(z) and every log a softplus, or `wasserstein`, without logs (ACME's WGAN-GP).

Shapes: N pairs in the batch, E embedding. v are photo embeddings [N, E], r recipe embeddings [N, E].
"""

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import leaky_relu, softplus

from seje.joint.settings import DiscriminatorForm

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
        """Logits [N] that the embeddings [N, E] are of photos."""
        logits: Tensor = self.layers(embeddings)
        return logits.squeeze(1)

    def slope(self, embeddings: Tensor) -> Tensor:
        """Gradient [N, E] of the logit at the embeddings, which can be differentiated by the weights.

        The network is linear between the kinks of its LeakyReLUs, so that its gradient is a product of the
        weights and the slopes: half the work of autograd's second derivative, which looks at the kinks too.
        """
        first, second, last = (layer for layer in self.layers if isinstance(layer, nn.Linear))
        with torch.no_grad():
            inner = first(embeddings)
            outer = second(leaky_relu(inner, SLOPE))
        return ((last.weight * _slopes(outer)) @ second.weight * _slopes(inner)) @ first.weight


def discriminator_loss(
    critic: Discriminator,
    images: Tensor,
    recipes: Tensor,
    penalty: float,
    form: DiscriminatorForm,
    random: torch.Generator,
) -> Tensor:
    """What the discriminator minimises (scalar), its L_D.

    logistic: -log D(v) - log(1 - D(r)) + penalty * GP; wasserstein: -z(v) + z(r) + penalty * GP.
    Takes the embeddings without their history, so that only the discriminator learns. `random` is that of GP.
    """
    images, recipes = images.detach(), recipes.detach()
    both: Tensor = critic(torch.cat([images, recipes]))
    real, fake = both.chunk(2)
    if form == "wasserstein":
        told_apart = fake.mean() - real.mean()
    else:
        told_apart = softplus(-real).mean() + softplus(fake).mean()
    return told_apart + penalty * gradient_penalty(critic, images, recipes, random)


def alignment_loss(critic: Discriminator, recipes: Tensor, form: DiscriminatorForm) -> Tensor:
    """What the recipe tower minimises (scalar), L_DA: -log D(r), or -z(r) for wasserstein.

    The discriminator is taken without its history, so that only the recipe tower learns.
    """
    fixed = {name: weight.detach() for name, weight in critic.named_parameters()}
    logits: Tensor = functional_call(critic, fixed, (recipes,))
    losses = -logits if form == "wasserstein" else softplus(-logits)
    return losses.mean()


def gradient_penalty(
    critic: Discriminator, images: Tensor, recipes: Tensor, random: torch.Generator
) -> Tensor:
    """GP (scalar) = E (|grad of the logit at x| - 1)^2 at x = a v + (1 - a) r, a uniform per row.

    `random`, on the embeddings' device, draws a: alike in all processes that have gathered the same batch.
    """
    share = torch.rand(len(images), 1, generator=random, device=images.device, dtype=images.dtype)
    gradient = critic.slope(share * images + (1 - share) * recipes)
    # The root of 0 has no gradient: the floor keeps it finite.
    norm = gradient.square().sum(dim=1).clamp_min(1e-12).sqrt()
    return (norm - 1).square().mean()


def _slopes(inputs: Tensor) -> Tensor:
    """Derivative of LeakyReLU at its inputs, in their shape and type."""
    return torch.ones_like(inputs).masked_fill(inputs <= 0, SLOPE)
