from dataclasses import replace

import pytest
import torch

from seje.towers.features import RecipeBatch
from seje.towers.joint_model import ModelSizes, RecipeTower
from seje.towers.transformer import RecipeReader

SIZES = ModelSizes(
    terms=8, sentence=6, lines=6, words=0, pixels=10, labels=8, linear=0, linear_reads=("words",),
    recipe="transformer", recurrent=16, embedding=32, categories=4, dropout=0.0,
)  # fmt: skip


def recipes() -> RecipeBatch:
    """Four recipes: all parts, no instructions, a title alone, nothing but instructions."""
    torch.manual_seed(1)
    sentences, lines = torch.randn(4, 5, 6), torch.randn(4, 3, 6)
    lines[3, 0] = 0
    lengths, line_lengths = torch.tensor([5, 0, 0, 2]), torch.tensor([3, 2, 1, 1])
    return RecipeBatch(torch.randn(4, 8), sentences, lengths, torch.zeros(4, 0), lines, line_lengths)


def reader(**others) -> RecipeReader:
    torch.manual_seed(0)
    settings = {"sentence": 6, "width": 16, "dropout": 0.0} | others
    return RecipeReader(**settings)


def test_every_part_that_is_there_counts_and_padding_does_not():
    read, batch = reader().eval(), recipes()
    before, found = read(batch)
    assert before.shape == (4, 16) and found.tolist() == [True] * 4
    assert batch.lines is not None
    for part, row, place, counts in [
        (batch.sentences, 0, 4, True), (batch.sentences, 1, 0, False), (batch.sentences, 3, 1, True),
        (batch.sentences, 3, 2, False), (batch.lines, 0, 2, True), (batch.lines, 1, 1, True),
        (batch.lines, 1, 2, False), (batch.lines, 2, 0, True), (batch.lines, 2, 1, False),
    ]:  # fmt: skip
        kept = part[row, place].clone()
        part[row, place] += 1
        after, _ = read(batch)
        changed = (after - before).abs().amax(dim=1) > 1e-5
        assert changed.tolist() == [counts and other == row for other in range(4)], (row, place)
        part[row, place] = kept


def test_instructions_have_an_order_and_ingredients_none():
    read, batch = reader().eval(), recipes()
    assert batch.lines is not None
    before = read(batch)[0][0]
    batch.lines[0, 1:] = batch.lines[0, 1:].flip(0)
    assert torch.allclose(read(batch)[0][0], before, atol=1e-6)
    batch.sentences[0] = batch.sentences[0].flip(0)
    assert not torch.allclose(read(batch)[0][0], before, atol=1e-3)


def test_nothing_left_to_read_is_told():
    read, batch = reader().eval(), recipes()
    without = replace(batch, lengths=torch.zeros(4, dtype=torch.int64))
    hidden, found = read(without)
    assert found.tolist() == [True, True, True, False]
    batch.sentences.add_(1)
    assert torch.equal(read(without)[0][:3], hidden[:3])


@pytest.mark.parametrize("width", [16, 6, 5])
def test_any_width_and_every_gradient_is_finite(width):
    tower = RecipeTower(replace(SIZES, recurrent=width)).train()
    embedded = tower(recipes())
    embedded.square().sum().backward()
    assert embedded.detach().norm(dim=1) == pytest.approx(1, abs=1e-5)
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in tower.parameters())


def test_an_embedding_does_not_depend_on_its_neighbours():
    tower, batch = RecipeTower(SIZES).eval(), recipes()
    assert batch.lines is not None and batch.line_lengths is not None
    with torch.no_grad():
        whole = tower(batch)
        alone = tower(
            RecipeBatch(batch.terms[2:3], torch.zeros(1, 1, 6), batch.lengths[2:3], batch.words[2:3],
                        batch.lines[2:3, :2], batch.line_lengths[2:3])
        )  # fmt: skip
    assert torch.allclose(whole[2:3], alone, atol=1e-6)
