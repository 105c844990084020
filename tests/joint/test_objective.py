import pytest
import torch
from conftest import changed
from test_losses import embeddings
from tiny import LOSS

from seje.joint.losses import category_loss, cosine_loss, distances, infonce_loss, triplet_loss
from seje.joint.objective import Objective

CATEGORIES = torch.tensor([0, 1, 1, 2, 3])


def parts(**others):
    torch.manual_seed(0)
    objective, head = Objective(6, changed(LOSS, **others)), torch.nn.Linear(6, 4)
    images, recipes = embeddings(5, 1, torch.float32)
    return objective(images, recipes, CATEGORIES, head), head, (images, recipes)


@pytest.mark.parametrize("weights", [(0.5, 2.0), (0.0, 2.0), (0.5, 0.0), (0.0, 0.0)])
def test_the_loss_is_the_weighted_sum_of_its_parts(weights):
    category, discriminator = weights
    found, head, sides = parts(category=category, discriminator=discriminator)
    total = found["triplet"]
    assert ("category" in found, "discriminator" in found) == (category > 0, discriminator > 0)
    if category:
        both = sum(category_loss(head(side), CATEGORIES, "ignore") for side in sides)
        torch.testing.assert_close(found["category"], both)
        total = total + category * found["category"]
    if discriminator:
        total = total + discriminator * found["discriminator"]
    torch.testing.assert_close(found["loss"], total)


def test_the_objective_is_the_one_that_is_set():
    distance = distances(*embeddings(5, 1, torch.float32))
    for others, expected in [
        ({"margin": 0.2}, triplet_loss(distance, CATEGORIES, 0.2, 16.0, "double", "ignore")),
        ({"background": "class"}, triplet_loss(distance, CATEGORIES, "soft", 16.0, "double", "class")),
        ({"objective": "infonce", "temperature": 0.3}, infonce_loss(distance, 0.3)),
        ({"objective": "infonce"}, infonce_loss(distance, 0.07)),
        ({"objective": "cosine", "margin": 0.1}, cosine_loss(distance, 0.1)),
    ]:
        found, _, _ = parts(**others)
        name = others.get("objective", "triplet")
        torch.testing.assert_close(found[name], expected)


def test_alignment_teaches_the_recipes_alone_and_the_critic_itself():
    objective = Objective(6, LOSS)
    images, recipes = (side.requires_grad_() for side in embeddings(5, 1, torch.float32))
    objective(images, recipes, CATEGORIES, torch.nn.Linear(6, 4))["discriminator"].backward()
    assert recipes.grad is not None and recipes.grad.any() and images.grad is None
    assert all(weight.grad is None for weight in objective.critic.parameters())
    recipes.grad = None
    objective.critic_loss(images, recipes, torch.Generator()).backward()
    assert images.grad is None and recipes.grad is None
    assert all(weight.grad is not None for weight in objective.critic.parameters())
