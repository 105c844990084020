"""Parts that an input lacks: learned embeddings take their place, and training can hide parts on purpose."""

from dataclasses import replace

import pytest
import torch

from seje.towers.features import PhotoBatch, RecipeBatch
from seje.towers.joint_model import ImageTower, JointModel, ModelSizes, RecipeTower

SIZES = ModelSizes(
    terms=8, sentence=6, words=0, pixels=10, labels=8, linear=0, recipe="lstm", recurrent=12, embedding=16,
    categories=3, dropout=0.0, drop=0.5,
)  # fmt: skip


def recipes(size: int = 64) -> RecipeBatch:
    torch.manual_seed(1)
    lengths = torch.arange(size) % 3 + 1
    return RecipeBatch(torch.randn(size, 8), torch.randn(size, 3, 6), lengths, torch.randn(size, 0))


def lacking(batch: RecipeBatch, part: str) -> RecipeBatch:
    if part == "terms":
        return replace(batch, terms=torch.zeros_like(batch.terms))
    return replace(batch, lengths=torch.zeros_like(batch.lengths))


def learn_stand_ins(model: JointModel) -> JointModel:
    for name, weight in model.named_parameters():
        if ".no_" in name:
            torch.nn.init.normal_(weight)
    return model.eval()


@pytest.mark.parametrize("linear", [0, 3])
@pytest.mark.parametrize("parts", [["terms"], ["sentences"], ["terms", "sentences"]])
def test_part_of_a_recipe_has_an_embedding_of_its_own(parts, linear):
    model = learn_stand_ins(JointModel(replace(SIZES, linear=linear)))
    whole = batch = recipes()
    for part in parts:
        batch = lacking(batch, part)
    with torch.no_grad():
        embedded, before = model.embed_recipes(batch), model.embed_recipes(whole)
        assert embedded.isfinite().all() and not torch.allclose(embedded, before)
        assert torch.equal(before, model.embed_recipes(whole))  # evaluation hides nothing
        mixed = replace(whole, lengths=whole.lengths.clone(), terms=whole.terms.clone())
        mixed.lengths[0] = batch.lengths[0]
        mixed.terms[0] = batch.terms[0]
        one = model.embed_recipes(mixed)
    assert torch.allclose(one[0], embedded[0], atol=1e-6) and torch.allclose(one[1:], before[1:], atol=1e-6)


def test_what_stands_in_is_the_learned_vector_alone():
    model = learn_stand_ins(JointModel(SIZES))
    batch = lacking(lacking(recipes(), "terms"), "sentences")
    with torch.no_grad():
        inputs = torch.cat([model.recipe.no_sentences, model.recipe.no_terms])[None]
        expected = torch.nn.functional.normalize(model.recipe.project(inputs), dim=1)
        assert torch.allclose(model.embed_recipes(batch), expected.expand(64, -1), atol=1e-6)


def test_a_photo_without_a_category():
    model = learn_stand_ins(JointModel(SIZES))
    photos = PhotoBatch(torch.randn(5, 10), torch.randn(5, 8))
    with torch.no_grad():
        before = model.embed_images(photos)
        photos.labels[2] = 0
        after = model.embed_images(photos)
        (model.image.no_label).add_(1)
        moved = model.embed_images(photos)
    rest = [0, 1, 3, 4]
    assert torch.equal(before[rest], after[rest]) and torch.equal(after[rest], moved[rest])
    assert not torch.allclose(before[2], after[2]) and not torch.allclose(after[2], moved[2])


def test_gradients_reach_the_stand_ins():
    model = JointModel(SIZES).train()
    photos = PhotoBatch(torch.randn(64, 10), torch.randn(64, 8))
    (model.embed_recipes(recipes()) * model.embed_images(photos).detach().roll(1)).sum().backward()
    (model.embed_images(photos)[:, 0]).sum().backward()
    for weight in (model.recipe.no_terms, model.recipe.no_sentences, model.image.no_label):
        assert weight.grad is not None and weight.grad.abs().sum() > 0


@pytest.mark.parametrize("sizes", [SIZES, replace(SIZES, terms=0), replace(SIZES, sentence=0)])
def test_training_hides_about_the_share_asked_for_and_never_all(sizes):
    tower = RecipeTower(sizes).train()
    batch = recipes(4000)
    no_sentences, no_terms = tower._hidden(batch)
    if sizes.terms and sizes.sentence:
        assert not (no_sentences & no_terms).any()
        for hidden in (no_sentences, no_terms):
            assert hidden.float().mean().item() == pytest.approx(
                0.25, abs=0.03
            )  # of 0.5, half meet the other
    else:
        assert not (no_sentences if sizes.sentence else no_terms).any()
    without = lacking(batch, "terms")
    assert torch.equal(tower._hidden(without)[0], torch.zeros(4000, dtype=torch.bool))


@pytest.mark.parametrize("tower", [RecipeTower, ImageTower])
def test_a_share_of_zero_draws_nothing(tower):
    made = tower(replace(SIZES, drop=0.0)).train()
    batch = recipes() if tower is RecipeTower else PhotoBatch(torch.randn(64, 10), torch.randn(64, 8))
    torch.manual_seed(5)
    made(batch)
    after = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(after, torch.rand(1))
