"""Parts that an input lacks: learned embeddings take their place, and training can hide parts on purpose."""

from dataclasses import replace

import pytest
import torch

from seje.towers.features import PhotoBatch, RecipeBatch
from seje.towers.joint_model import JointModel, ModelSizes

SIZES = ModelSizes(
    terms=8, sentence=6, lines=6, words=0, pixels=10, labels=8, linear=0, linear_reads=("terms", "sentences"),
    recipe="lstm", recurrent=12, embedding=16, categories=3, dropout=0.0,
)  # fmt: skip


def recipes(size: int = 64) -> RecipeBatch:
    torch.manual_seed(1)
    lengths = torch.arange(size) % 3 + 1
    terms, sentences, lines = torch.randn(size, 8), torch.randn(size, 3, 6), torch.randn(size, 4, 6)
    return RecipeBatch(terms, sentences, lengths, torch.randn(size, 0), lines, torch.full((size,), 4))


def lacking(batch: RecipeBatch, part: str) -> RecipeBatch:
    if part == "terms":
        return replace(batch, terms=torch.zeros_like(batch.terms))
    if part == "title":
        return replace(batch, lines=batch.lines * torch.tensor([0, 1, 1, 1])[:, None])
    if part == "ingredients":
        title = batch.lines * torch.tensor([1, 0, 0, 0])[:, None]
        return replace(batch, lines=title, line_lengths=torch.ones(len(title), dtype=torch.int64))
    return replace(batch, lengths=torch.zeros_like(batch.lengths))


def learn_stand_ins(model: JointModel) -> JointModel:
    for name, weight in model.named_parameters():
        if ".no_" in name:
            torch.nn.init.normal_(weight)
    return model.eval()


@pytest.mark.parametrize("linear", [0, 3])
@pytest.mark.parametrize(
    "parts", [["terms"], ["sentences"], ["title"], ["ingredients"], ["terms", "sentences"]]
)
def test_part_of_a_recipe_has_an_embedding_of_its_own(parts, linear):
    model = learn_stand_ins(JointModel(replace(SIZES, linear=linear)))
    whole = batch = recipes()
    for part in parts:
        batch = lacking(batch, part)
    with torch.no_grad():
        embedded, before = model.embed_recipes(batch), model.embed_recipes(whole)
        assert embedded.isfinite().all() and not torch.allclose(embedded, before)
        assert torch.equal(before, model.embed_recipes(whole))  # evaluation hides nothing
        rows = zip(vars(batch).values(), vars(whole).values(), strict=True)
        mixed = RecipeBatch(*(torch.cat([part[:1], other[1:]]) for part, other in rows if part is not None))
        one = model.embed_recipes(mixed)
    assert torch.allclose(one[0], embedded[0], atol=1e-6) and torch.allclose(one[1:], before[1:], atol=1e-6)


def test_what_stands_in_is_the_learned_vector_alone():
    model = learn_stand_ins(JointModel(SIZES))
    batch = recipes()
    for part in ("terms", "sentences", "title", "ingredients"):
        batch = lacking(batch, part)
    with torch.no_grad():
        own = model.recipe
        inputs = torch.cat([own.no_sentences, own.no_terms, own.no_title, own.no_ingredients])[None]
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
    batch, photos = recipes(), PhotoBatch(torch.randn(64, 10), torch.randn(64, 8))
    photos.labels[::2] = 0
    for part in ("terms", "sentences", "title", "ingredients"):
        batch = lacking(batch, part)
    (model.embed_recipes(batch) * model.embed_images(photos).detach().roll(1)).sum().backward()
    (model.embed_images(photos)[:, 0]).sum().backward()
    for name, weight in model.named_parameters():
        if ".no_" in name:
            assert weight.grad is not None and weight.grad.abs().sum() > 0, name
