"""Convolutions over tiny maps as one matrix product: the last stages of a large network on small photos.

On a CPU, libraries lay convolutions out for maps of many pixels. Where there are a handful and a thousand
channels, they need up to four times as long as the product of the same numbers (docs/performance.md).

B batch, C channels, O output channels, H and W of the map, K kernel.
"""

from typing import Any, TypeVar

from torch import Tensor, nn
from torch.nn.functional import linear, pad

C = TypeVar("C", bound=nn.Conv2d)

TINY = 81  # pixels of the output times those of the kernel, up to which the matrix product is faster


class TinyConv2d(nn.Conv2d):
    """nn.Conv2d, a matrix product on the CPU where the map is tiny; the same values, but for rounding."""

    def forward(self, input: Tensor) -> Tensor:
        """Convolve maps [B, C, H, W]."""
        assert isinstance(self.padding, tuple)  # `with_tiny_maps` makes no other
        (top, left), (down, right), (tall, wide) = self.padding, self.stride, self.kernel_size
        rows = (input.shape[2] + 2 * top - tall) // down + 1
        columns = (input.shape[3] + 2 * left - wide) // right + 1
        if input.device.type != "cpu" or rows * columns * tall * wide > TINY:
            return super().forward(input)
        padded = pad(input.permute(0, 2, 3, 1), (0, 0, left, left, top, top))  # [B, H, W, C]
        windows = padded.unfold(1, tall, down).unfold(2, wide, right)  # [B, H, W, C, K, K]
        # Channels come last in the weights too, so that they are read as they lie.
        inputs, weight = windows.permute(0, 1, 2, 4, 5, 3).flatten(3), self.weight.permute(0, 2, 3, 1)
        return linear(inputs, weight.flatten(1), self.bias).permute(0, 3, 1, 2)


def with_tiny_maps(model: nn.Module) -> nn.Module:
    """Let a model's plain convolutions be matrix products where that is faster; all else of it stays."""
    for name, layer in list(model.named_modules()):
        plain = type(layer) is nn.Conv2d and layer.groups == 1 and layer.dilation == (1, 1)
        if plain and layer.padding_mode == "zeros" and isinstance(layer.padding, tuple):
            model.set_submodule(name, remade(layer, TinyConv2d))
    return model


def remade(layer: Any, kind: type[C]) -> C:
    """Make another kind of convolution of a layer's weights; on `meta`, as nothing is drawn there."""
    channels, form = (layer.in_channels, layer.out_channels), (layer.kernel_size, layer.stride, layer.padding)
    made = kind(*channels, *form, bias=layer.bias is not None, device="meta")
    made.weight, made.bias = layer.weight, layer.bias
    made.train(layer.training)
    return made
