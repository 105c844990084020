"""What training minimises: the objective and both alignments, from the embeddings of a batch.

N pairs in the batch, E embedding, C categories.
"""

import torch
from torch import Tensor, nn

from seje.joint.discriminator import Discriminator, alignment_loss, discriminator_loss
from seje.joint.losses import Temperature, category_loss, cosine_loss, distances, infonce_loss, triplet_loss
from seje.joint.settings import LossSettings


class Objective(nn.Module):
    """The loss as set, with what it learns itself: discriminator and temperature."""

    def __init__(self, embedding: int, settings: LossSettings) -> None:
        super().__init__()
        self.settings = settings
        self.critic = Discriminator(embedding)
        self.temperature = Temperature()

    def critic_loss(self, images: Tensor, recipes: Tensor, random: torch.Generator) -> Tensor:
        """What the discriminator minimises (scalar), from embeddings [N, E]; `random` on their device."""
        settings = self.settings
        return discriminator_loss(
            self.critic, images, recipes, settings.gradient_penalty, settings.discriminator_form, random
        )

    def between_halves(self, halves: tuple[Tensor, Tensor], categories: Tensor) -> Tensor:
        """The objective between complementary views of recipes (scalar), both [N, E], categories [N].

        Not of the paper: Salvador et al., Revamping Cross-Modal Recipe Retrieval, CVPR 2021, section 3.3.
        """
        return self._main(distances(*halves), categories)

    def forward(
        self, images: Tensor, recipes: Tensor, categories: Tensor, head: nn.Module
    ) -> dict[str, Tensor]:
        """Parts of the loss by name, and their weighted sum as `loss`; a weight of 0 leaves a part out.

        Args:
            images: embeddings [N, E].
            recipes: embeddings [N, E].
            categories: [N] of the pairs.
            head: gives the logits [N, C] of category alignment, for both sides.
        """
        settings = self.settings
        total = self._main(distances(images, recipes), categories)
        parts: dict[str, Tensor] = {settings.objective: total}
        if settings.category:
            logits = head(torch.cat([images, recipes])).chunk(2)  # one pass over the head's weights
            losses = [category_loss(side, categories, settings.background) for side in logits]
            parts["category"] = torch.stack(losses).sum()
            total = total + settings.category * parts["category"]
        if settings.discriminator:
            parts["discriminator"] = alignment_loss(self.critic, recipes, settings.discriminator_form)
            total = total + settings.discriminator * parts["discriminator"]
        return {**parts, "loss": total}

    def _main(self, distance: Tensor, categories: Tensor) -> Tensor:
        settings = self.settings
        if settings.objective == "triplet":
            return triplet_loss(
                distance, categories, settings.margin, settings.gamma, settings.negatives, settings.background
            )
        if settings.objective == "cosine":
            return cosine_loss(distance, float(settings.margin))
        learned = settings.temperature == "learned"
        return infonce_loss(distance, self.temperature() if learned else float(settings.temperature))
