"""The two towers and the heads on top of them (SEJE, phase II; layers as in the released code).

A part that an input lacks (a recipe's key terms or instructions, a photo's category) is a zero row, or a
length of 0; a missing-modality embedding takes its place, so that people can search with part of a recipe.
It starts as zeros and learns from training pairs that lack the part: those that do of themselves, and those
of which training shows a view without it (modality dropout, `joint.drop`).

Shapes: B batch, T instructions, D word vector, H sentence vector, W word space, F pixel feature,
E embedding of a tower, L of the linear part.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils.rnn import pack_padded_sequence

from seje.towers.distributed import GlobalBatchNorm1d
from seje.towers.features import PhotoBatch, RecipeBatch, mean_lines
from seje.towers.linear_part import LinearPart
from seje.towers.transformer import RecipeReader

SLOPE = 0.02  # of LeakyReLU in the towers


@dataclass(frozen=True)
class ModelSizes:
    """All that is needed to build a model again; an input of size 0 is left out."""

    terms: int  # D
    sentence: int  # H
    lines: int  # H of title and ingredient lines
    words: int  # W
    pixels: int  # F
    labels: int  # D of the category feature
    linear: int  # L
    linear_reads: tuple[str, ...]  # blocks of recipes that the linear part sees: terms, sentences, words
    recipe: Literal["lstm", "transformer"]  # what reads the sentence vectors
    recurrent: int  # its width
    embedding: int  # E
    categories: int  # background included
    dropout: float


class RecipeTower(nn.Module):
    """[LSTM over instruction vectors ; FC of the key-term feature ; lines ; all words] -> FC -> unit vector.

    The lines are the vector of the title and the mean of the ingredient lines'. With `transformer`, one
    reads them beside the instructions, in the LSTM's place.
    """

    def __init__(self, sizes: ModelSizes) -> None:
        super().__init__()
        self.sizes = sizes
        if sizes.terms:
            self.terms = nn.Sequential(
                _standardise(sizes.terms), nn.Linear(sizes.terms, sizes.embedding), nn.LeakyReLU(SLOPE)
            )
            self.no_terms = nn.Parameter(torch.zeros(sizes.embedding))
        if sizes.sentence:
            if sizes.recipe == "transformer":
                self.reader = RecipeReader(sizes.sentence, sizes.recurrent, sizes.dropout)
            else:
                self.sequence = nn.LSTM(sizes.sentence, sizes.recurrent, batch_first=True)
            self.no_sentences = nn.Parameter(torch.zeros(sizes.recurrent))
        self.plain_lines = bool(sizes.lines) and sizes.recipe == "lstm"
        if self.plain_lines:
            self.no_title, self.no_ingredients = (nn.Parameter(torch.zeros(sizes.lines)) for _ in range(2))
        inputs = sizes.recurrent * bool(sizes.sentence) + sizes.embedding * bool(sizes.terms)
        self.project = _projection(inputs + 2 * sizes.lines * self.plain_lines + sizes.words, sizes)

    def forward(self, batch: RecipeBatch) -> Tensor:
        """Embed recipes: unit vectors [B, E]."""
        inputs = []
        if self.sizes.sentence:
            inputs.append(self._sentences(batch))
        if self.sizes.terms:
            no_terms = ~batch.terms.any(dim=1)
            inputs.append(_stand_in(self.terms(batch.terms), no_terms, self.no_terms))
        if self.plain_lines:
            for part, own in zip(
                title_and_ingredients(batch), (self.no_title, self.no_ingredients), strict=True
            ):
                inputs.append(_stand_in(_unsquash(part), ~part.any(dim=1), own))
        if self.sizes.words:
            inputs.append(_unsquash(batch.words))
        return _unit(self.project(torch.cat(inputs, dim=1)))

    def _sentences(self, batch: RecipeBatch) -> Tensor:
        """What is read of the sentence vectors (B, recurrent), missing-modality embeddings included."""
        if self.sizes.recipe == "lstm":
            no_sentences = batch.lengths.to(batch.sentences.device) == 0
            return _stand_in(self._read(batch), no_sentences, self.no_sentences)
        read, found = self.reader(batch)
        return _stand_in(read, ~found, self.no_sentences)

    def _read(self, batch: RecipeBatch) -> Tensor:
        """State of the LSTM at each recipe's last instruction: (B, recurrent)."""
        sentences = _unsquash(batch.sentences)
        packed = pack_padded_sequence(
            sentences, batch.lengths.clamp_min(1), batch_first=True, enforce_sorted=False
        )
        with torch.autocast("cpu", enabled=False):  # not every processor has an LSTM in bfloat16
            _, (last, _) = self.sequence(packed)
        return torch.as_tensor(last[0])


class ImageTower(nn.Module):
    """[pixel feature ; category embedding] -> FC -> unit vector."""

    def __init__(self, sizes: ModelSizes) -> None:
        super().__init__()
        self.sizes = sizes
        if sizes.labels:
            self.no_label = nn.Parameter(torch.zeros(sizes.labels))
        self.standardise = _standardise(sizes.pixels + sizes.labels)
        self.project = _projection(sizes.pixels + sizes.labels, sizes)

    def forward(self, batch: PhotoBatch) -> Tensor:
        """Embed photos: unit vectors [B, E]."""
        if not self.sizes.labels:
            return _unit(self.project(self.standardise(batch.pixels)))
        joined = self.standardise(torch.cat([batch.pixels, batch.labels], dim=1))
        pixels, labels = joined.split([self.sizes.pixels, self.sizes.labels], dim=1)
        labels = _stand_in(labels, ~batch.labels.any(dim=1), self.no_label)
        return _unit(self.project(torch.cat([pixels, labels], dim=1)))


class JointModel(nn.Module):
    """Both towers, the category head that they share, and the linear part beside them, where asked for."""

    def __init__(self, sizes: ModelSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.recipe = RecipeTower(sizes)
        self.image = ImageTower(sizes)
        self.category = nn.Linear(sizes.embedding, sizes.categories)
        recipe, image = self.widths()
        self.linear = LinearPart(sum(recipe), sum(image), sizes.linear) if sizes.linear else None

    def embed_recipes(self, batch: RecipeBatch) -> Tensor:
        """Embed recipes as search compares them: unit vectors [B, E + L]."""
        trained: Tensor = self.recipe(batch)
        return _join(trained, self.linear.recipe(self.flat_recipes(batch))) if self.linear else trained

    def embed_images(self, batch: PhotoBatch) -> Tensor:
        """Embed photos as search compares them: unit vectors [B, E + L]."""
        trained: Tensor = self.image(batch)
        return _join(trained, self.linear.image(batch.pixels)) if self.linear else trained

    def flat_recipes(self, batch: RecipeBatch) -> Tensor:
        """What the linear part sees of recipes: its blocks side by side [B, *], zeros for what is missing."""
        blocks = {"terms": batch.terms, "words": batch.words}
        if "sentences" in self.sizes.linear_reads:
            blocks["sentences"] = self._mean_sentences(batch)
        return torch.cat([blocks[name] for name in self.sizes.linear_reads], dim=1)

    def _mean_sentences(self, batch: RecipeBatch) -> Tensor:
        """Title, mean ingredient line, mean instruction [B, 3 H], or those that the tower reads."""
        lines = title_and_ingredients(batch) if self.sizes.lines else ()
        steps = [mean_lines(batch.sentences, batch.lengths)] if self.sizes.sentence else []
        return torch.cat([*lines, *steps], dim=1)

    def widths(self) -> tuple[list[int], list[int]]:
        """Widths of the blocks that the linear part sees, of recipes and of photos."""
        sizes = self.sizes
        of = {"terms": sizes.terms, "words": sizes.words, "sentences": sizes.sentence + 2 * sizes.lines}
        return [of[name] for name in sizes.linear_reads], [sizes.pixels]

    def config(self) -> dict[str, Any]:
        """What `JointModel(Sizes(**config))` needs."""
        return asdict(self.sizes)


def rebuild(config: Mapping[str, Any], weights: Mapping[str, Tensor]) -> JointModel:
    """Make a trained model of the config and the weights that the stage `joint` wrote, ready to embed."""
    model = JointModel(ModelSizes(**config["sizes"]))
    model.load_state_dict(weights)
    return model.eval()


def title_and_ingredients(batch: RecipeBatch) -> tuple[Tensor, Tensor]:
    """Vectors of titles, means of ingredient lines, both [B, H]; zeros where there are none."""
    assert batch.lines is not None and batch.line_lengths is not None
    return batch.lines[:, 0], mean_lines(batch.lines[:, 1:], batch.line_lengths - 1)


def _stand_in(part: Tensor, hidden: Tensor, stand_in: Tensor) -> Tensor:
    """Put the missing-modality embedding [W] in place of the hidden rows of a part [B, W]."""
    return torch.where(hidden[:, None], stand_in, part)


def _unit(vectors: Tensor) -> Tensor:
    """Scale vectors [B, E] to length 1, in float32 where autocast made them narrow."""
    wide = torch.promote_types(vectors.dtype, torch.float32)
    return normalize(vectors.to(wide), dim=1)


def _unsquash(vectors: Tensor) -> Tensor:
    """Scale vectors of length 1 to values of about 1."""
    return math.sqrt(vectors.shape[-1]) * vectors


def _join(trained: Tensor, linear: Tensor) -> Tensor:
    """Put unit vectors side by side: the cosine is the mean of the parts' cosines."""
    return torch.cat([trained, linear], dim=1) / math.sqrt(2)


def _standardise(inputs: int) -> GlobalBatchNorm1d:
    """Mean 0 and variance 1: phase I leaves its features on very different scales."""
    return GlobalBatchNorm1d(inputs, affine=False)


def _projection(inputs: int, sizes: ModelSizes) -> nn.Sequential:
    return nn.Sequential(
        nn.Dropout(sizes.dropout),
        nn.Linear(inputs, sizes.embedding),
        GlobalBatchNorm1d(sizes.embedding),
        nn.LeakyReLU(SLOPE),
    )
