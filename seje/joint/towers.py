"""The two towers and the heads on top of them (SEJE, phase II; layers as in the released code).

Shapes: B batch, T instructions, D word vector, H sentence vector, F pixel feature, E embedding.
"""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils.rnn import pack_padded_sequence

from seje.joint.features import PhotoBatch, RecipeBatch

SLOPE = 0.02  # of LeakyReLU in the towers


@dataclass(frozen=True)
class Sizes:
    """All that is needed to build a model again."""

    terms: int  # D
    sentence: int  # H
    pixels: int  # F
    recurrent: int  # width of the LSTM over instructions
    embedding: int  # E
    categories: int  # background included
    dropout: float


class RecipeTower(nn.Module):
    """[LSTM over instruction vectors ; FC of the key-term feature] -> FC -> unit vector."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.terms = nn.Sequential(
            _standardise(sizes.terms), nn.Linear(sizes.terms, sizes.embedding), nn.LeakyReLU(SLOPE)
        )
        self.scale = sizes.sentence**0.5  # sentence vectors have length 1: back to values of about 1
        self.sequence = nn.LSTM(sizes.sentence, sizes.recurrent, batch_first=True)
        self.project = _projection(sizes.recurrent + sizes.embedding, sizes)

    def forward(self, batch: RecipeBatch) -> Tensor:
        """Embed recipes: unit vectors (B, E)."""
        sentences = self.scale * batch.sentences
        packed = pack_padded_sequence(sentences, batch.lengths, batch_first=True, enforce_sorted=False)
        _, (last, _) = self.sequence(packed)  # last: (1, B, recurrent), at each recipe's last instruction
        joined = torch.cat([last[0], self.terms(batch.terms)], dim=1)
        return normalize(self.project(joined), dim=1)


class ImageTower(nn.Module):
    """[pixel feature ; category embedding] -> FC -> unit vector."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.standardise = _standardise(sizes.pixels + sizes.terms)
        self.project = _projection(sizes.pixels + sizes.terms, sizes)

    def forward(self, batch: PhotoBatch) -> Tensor:
        """Embed photos: unit vectors (B, E)."""
        joined = self.standardise(torch.cat([batch.pixels, batch.labels], dim=1))
        return normalize(self.project(joined), dim=1)


class JointModel(nn.Module):
    """Both towers and the category head that they share."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.recipe = RecipeTower(sizes)
        self.image = ImageTower(sizes)
        self.category = nn.Linear(sizes.embedding, sizes.categories)

    def config(self) -> dict[str, int | float]:
        """What `JointModel(Sizes(**config))` needs."""
        return asdict(self.sizes)


def _standardise(inputs: int) -> nn.BatchNorm1d:
    """Mean 0 and variance 1: phase I leaves its features on very different scales."""
    return nn.BatchNorm1d(inputs, affine=False)


def _projection(inputs: int, sizes: Sizes) -> nn.Sequential:
    return nn.Sequential(
        nn.Dropout(sizes.dropout),
        nn.Linear(inputs, sizes.embedding),
        nn.BatchNorm1d(sizes.embedding),
        nn.LeakyReLU(SLOPE),
    )
