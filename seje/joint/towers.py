"""The two towers and the heads on top of them (SEJE, phase II; layers as in the released code).

Shapes: B batch, T instructions, D word vector, H sentence vector, W word space, F pixel feature,
E embedding of a tower, L of the linear part.
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils.rnn import pack_padded_sequence

from seje.joint.features import PhotoBatch, RecipeBatch
from seje.joint.linear import LinearPart

SLOPE = 0.02  # of LeakyReLU in the towers


@dataclass(frozen=True)
class Sizes:
    """All that is needed to build a model again; an input of size 0 is left out."""

    terms: int  # D
    sentence: int  # H
    words: int  # W
    pixels: int  # F
    labels: int  # D of the category feature
    linear: int  # L
    recurrent: int  # width of the LSTM over instructions
    embedding: int  # E
    categories: int  # background included
    dropout: float


class RecipeTower(nn.Module):
    """[LSTM over instruction vectors ; FC of the key-term feature ; all words] -> FC -> unit vector."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        if sizes.terms:
            self.terms = nn.Sequential(
                _standardise(sizes.terms), nn.Linear(sizes.terms, sizes.embedding), nn.LeakyReLU(SLOPE)
            )
        if sizes.sentence:
            self.sequence = nn.LSTM(sizes.sentence, sizes.recurrent, batch_first=True)
        inputs = sizes.recurrent * bool(sizes.sentence) + sizes.embedding * bool(sizes.terms) + sizes.words
        self.project = _projection(inputs, sizes)

    def forward(self, batch: RecipeBatch) -> Tensor:
        """Embed recipes: unit vectors (B, E)."""
        inputs = [self._read(batch)] if self.sizes.sentence else []
        if self.sizes.terms:
            inputs.append(self.terms(batch.terms))
        if self.sizes.words:
            inputs.append(_unsquash(batch.words))
        return normalize(self.project(torch.cat(inputs, dim=1)), dim=1)

    def _read(self, batch: RecipeBatch) -> Tensor:
        """State of the LSTM at each recipe's last instruction: (B, recurrent)."""
        sentences = _unsquash(batch.sentences)
        packed = pack_padded_sequence(sentences, batch.lengths, batch_first=True, enforce_sorted=False)
        _, (last, _) = self.sequence(packed)
        return torch.as_tensor(last[0])


class ImageTower(nn.Module):
    """[pixel feature ; category embedding] -> FC -> unit vector."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.labelled = bool(sizes.labels)
        self.standardise = _standardise(sizes.pixels + sizes.labels)
        self.project = _projection(sizes.pixels + sizes.labels, sizes)

    def forward(self, batch: PhotoBatch) -> Tensor:
        """Embed photos: unit vectors (B, E)."""
        joined = torch.cat([batch.pixels, batch.labels], dim=1) if self.labelled else batch.pixels
        return normalize(self.project(self.standardise(joined)), dim=1)


class JointModel(nn.Module):
    """Both towers, the category head that they share, and the linear part beside them, where asked for."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.recipe = RecipeTower(sizes)
        self.image = ImageTower(sizes)
        self.category = nn.Linear(sizes.embedding, sizes.categories)
        recipe, image = self.widths()
        self.linear = LinearPart(sum(recipe), sum(image), sizes.linear) if sizes.linear else None

    def embed_recipes(self, batch: RecipeBatch) -> Tensor:
        """Embed recipes as search compares them: unit vectors (B, E + L)."""
        trained: Tensor = self.recipe(batch)
        return _join(trained, self.linear.recipe(self.flat_recipes(batch))) if self.linear else trained

    def embed_images(self, batch: PhotoBatch) -> Tensor:
        """Embed photos as search compares them: unit vectors (B, E + L)."""
        trained: Tensor = self.image(batch)
        return _join(trained, self.linear.image(batch.pixels)) if self.linear else trained

    def flat_recipes(self, batch: RecipeBatch) -> Tensor:
        """What the linear part sees of recipes: all words, else term feature and mean instruction (B, *)."""
        if self.sizes.words:
            return batch.words
        mean = batch.sentences.sum(dim=1) / batch.lengths[:, None].to(batch.sentences.device)
        return torch.cat([batch.terms[:, : self.sizes.terms], mean[:, : self.sizes.sentence]], dim=1)

    def widths(self) -> tuple[list[int], list[int]]:
        """Widths of the blocks that the linear part sees, of recipes and of photos."""
        sizes = self.sizes
        return [sizes.words] if sizes.words else [sizes.terms, sizes.sentence], [sizes.pixels]

    def config(self) -> dict[str, int | float]:
        """What `JointModel(Sizes(**config))` needs."""
        return asdict(self.sizes)


def _unsquash(vectors: Tensor) -> Tensor:
    """Scale vectors of length 1 to values of about 1."""
    return math.sqrt(vectors.shape[-1]) * vectors


def _join(trained: Tensor, linear: Tensor) -> Tensor:
    """Put unit vectors side by side: the cosine is the mean of the parts' cosines."""
    return torch.cat([trained, linear], dim=1) / math.sqrt(2)


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
