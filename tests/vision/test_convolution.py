import copy

import pytest
import torch
from torch import nn

from seje.vision.convolution import TinyConv2d, with_tiny_maps


@pytest.mark.parametrize(
    "kernel, stride, padding", [(1, 1, 0), (1, 2, 0), (3, 1, 1), (3, 2, 1), ((1, 3), (2, 1), (0, 1))]
)
@pytest.mark.parametrize("height, width", [(1, 1), (2, 3), (3, 3), (12, 12)])
@pytest.mark.parametrize("memory", [torch.channels_last, torch.contiguous_format])
def test_values_and_gradients_are_those_of_a_convolution(kernel, stride, padding, height, width, memory):
    torch.manual_seed(0)
    plain = nn.Conv2d(5, 7, kernel, stride, padding).double()
    ours = with_tiny_maps(nn.Sequential(copy.deepcopy(plain)))
    assert isinstance(ours[0], TinyConv2d)
    found = []
    for layer in (plain, ours):
        torch.manual_seed(1)
        maps = torch.randn(4, 5, height, width).double().to(memory_format=memory).requires_grad_()
        out = layer(maps)
        (out * torch.randn(out.shape).double()).sum().backward()
        found.append([out, maps.grad, *(weight.grad for weight in layer.parameters())])
    assert all(torch.allclose(*pair) for pair in zip(*found, strict=True))


def test_only_plain_convolutions_are_changed_and_weights_keep_their_names():
    layers = nn.Sequential(
        nn.Conv2d(4, 4, 3, groups=4),
        nn.Conv2d(4, 4, 3, dilation=2),
        nn.Conv2d(4, 4, 3, padding="same"),
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(4, 4, 3, bias=False),
    )
    before = layers.state_dict()
    kinds = [type(layer) for layer in with_tiny_maps(layers)]
    assert kinds == [*[nn.Conv2d] * 4, TinyConv2d]
    after = layers.state_dict()
    assert after.keys() == before.keys() and all(torch.equal(after[name], before[name]) for name in before)
