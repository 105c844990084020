"""Against torch's own layer, with losses and gradients; on a GPU too, where that layer fails."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seje.instructions.adaptive import AdaptiveSoftmax

CLASSES, HIDDEN = 12, 8
IDS = st.lists(st.integers(0, CLASSES - 1), min_size=1, max_size=30)


def layer() -> AdaptiveSoftmax:
    torch.manual_seed(0)
    return AdaptiveSoftmax(HIDDEN, CLASSES, [3, 7])


def states(count: int) -> torch.Tensor:
    return torch.randn(count, HIDDEN, generator=torch.Generator().manual_seed(1))


@given(IDS)
def test_likelihoods_and_gradients_are_torchs(ids):
    made, theirs = layer(), layer()
    shown = torch.tensor(ids)
    found = made.likelihoods(states(len(ids)), shown)
    expected = theirs(states(len(ids)), shown).output
    assert torch.equal(found, expected)
    found.sum().backward()
    expected.sum().backward()
    for one, other in zip(made.parameters(), theirs.parameters(), strict=True):
        assert (one.grad is None) == (other.grad is None)
        assert one.grad is None or torch.allclose(one.grad, other.grad, atol=1e-6)


def test_all_words_together_have_the_probability_of_one():
    found = layer().likelihoods(states(1).expand(CLASSES, -1), torch.arange(CLASSES))
    assert found.exp().sum().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_one_word_of_a_tail_is_no_trouble():
    ids = torch.tensor([0, 1, 5, 2, 11])
    found = layer().cuda().likelihoods(states(5).cuda(), ids.cuda())
    assert torch.allclose(found.cpu(), layer().likelihoods(states(5), ids), atol=1e-5)
