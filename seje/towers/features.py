"""What phase I leaves for phase II, and batches of it.

Shapes: R recipes, U views of a recipe, P photos, S lines of all recipes, B batch, T lines of the longest
recipe in the batch, D word vector, H sentence vector, W word space, V views of a photo, F pixel feature.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from seje.data.recipe_views import SHOWN, WHOLE
from seje.towers.texts import Texts
from seje.vision.transforms import Squares

Rows = npt.NDArray[np.int64]
MOST = np.iinfo(np.int64).max // 2  # lines: all that there are


@dataclass(frozen=True)
class LineVectors:
    """A vector for every line of every recipe: r has vectors[offsets[r]:offsets[r + 1]]."""

    vectors: npt.NDArray[Any]  # [S, H]
    offsets: Rows  # [R + 1]

    def padded(self, rows: Rows, most: Rows | None = None, least: int = 1) -> tuple[Tensor, Tensor]:
        """Gather some recipes' lines [B, T, H], zeros after the last, T `least` or more; lengths [B].

        Where `most` [B] is given, no more of each recipe's lines than that.
        """
        start, end = self.offsets[rows], self.offsets[rows + 1]
        end = end if most is None else np.minimum(end, start + most)
        lengths = end - start
        vectors = np.zeros((len(rows), max(least, int(lengths.max())), self.vectors.shape[1]), np.float32)
        for row, (first, last) in enumerate(zip(start, end, strict=True)):
            vectors[row, : last - first] = self.vectors[first:last]  # widened on the way: one copy, no more
        return torch.from_numpy(vectors), torch.from_numpy(lengths)


@dataclass(frozen=True)
class RecipeFeatures:
    """All recipes' features; arrays may be memory-mapped."""

    terms: npt.NDArray[Any]  # [R, U, D] weighted key-term feature, f_term
    instructions: LineVectors  # f_sent
    words: npt.NDArray[Any]  # [R, U, W] all words under SVD; W may be 0
    categories: Rows  # [R] 0 is background
    lines: LineVectors | None = None  # each title, then the ingredient lines; None where no tower reads them
    texts: Texts | None = None  # the text itself, for an encoder that is trained along

    def batch(self, rows: Rows, views: Rows | int = WHOLE) -> "RecipeBatch":
        """Gather some recipes, the given view of each, their lines padded with zeros to the longest.

        Where there are texts, numbers of these in place of vectors.
        """
        views = np.broadcast_to(views, rows.shape)
        terms, words = (
            torch.from_numpy(feature[rows, views].astype(np.float32)) for feature in (self.terms, self.words)
        )
        if self.texts:
            read = self.texts.numbered(rows, SHOWN[views])
            batch = RecipeBatch(terms, *read.instructions, words, texts=read.texts)
            lines, counts = read.lines or (None, None)
            return replace(batch, lines=lines, line_lengths=counts)
        lines, counts = None, None
        title, ingredients, instructions = SHOWN[views].T
        steps = self.instructions.padded(rows, np.where(instructions, MOST, 0))
        if self.lines:
            lines, counts = self.lines.padded(rows, np.where(ingredients, MOST, 1), least=2)
            lines[:, 0] *= torch.from_numpy(title)[:, None]
        return RecipeBatch(terms, *steps, words, lines, counts)


@dataclass(frozen=True)
class PhotoFeatures:
    """All photos' features; arrays may be memory-mapped."""

    pixels: npt.NDArray[Any]  # [P, V, F] pooled feature of the backbone, view 0 the photo's centre
    labels: npt.NDArray[Any]  # [P, D] word vector of the predicted category, f_cat
    recipes: Rows  # [P] row of the recipe that the photo shows, ascending
    squares: Squares | None = None  # the photos themselves, for a CNN that is trained along
    starts: Rows | None = None  # the first photo of each shard of the store; None where it is one

    def batch(self, rows: Rows, views: Rows | None = None) -> "PhotoBatch":
        """Gather some photos: the given view of each, or, without `views`, the mean of all its views.

        Where there are squares, these in place of features.
        """
        if self.squares:
            return PhotoBatch(torch.from_numpy(self.squares.batch(rows)), self._labels(rows))
        if views is None:
            pixels = self.pixels[rows].mean(axis=1, dtype=np.float32)
        else:
            pixels = self.pixels[rows, views].astype(np.float32)
        return PhotoBatch(torch.from_numpy(pixels), self._labels(rows))

    def _labels(self, rows: Rows) -> Tensor:
        return torch.from_numpy(self.labels[rows].astype(np.float32))


@dataclass(frozen=True)
class RecipeBatch:
    """Recipes as tensors: terms [B, D], sentences [B, T, H], lengths [B], words [B, W].

    Where a tower reads them also `lines` [B, L, H], a title's vector and those of L - 1 ingredient lines or
    none, and line_lengths [B]. A row of zeros, or a length of 0, is a part that the recipe lacks.

    For an encoder that is trained along, sentences [B, T] and lines [B, L] are numbers of `texts`, the first
    of which is 1; 0 is no text.
    """

    terms: Tensor
    sentences: Tensor
    lengths: Tensor
    words: Tensor
    lines: Tensor | None = None
    line_lengths: Tensor | None = None
    texts: list[str] | None = None

    def to(self, device: torch.device) -> "RecipeBatch":
        """Move to a device; the lengths stay on the CPU, where packing wants them."""
        terms, sentences, words = (part.to(device) for part in (self.terms, self.sentences, self.words))
        lines = None if self.lines is None else self.lines.to(device)
        return replace(self, terms=terms, sentences=sentences, words=words, lines=lines)


def mean_lines(lines: Tensor, lengths: Tensor) -> Tensor:
    """Mean [B, H] of padded lines [B, T, H], of which `lengths` [B] are there; zeros where there is none."""
    return lines.sum(dim=1) / lengths.clamp_min(1).to(lines.device)[:, None]


@dataclass(frozen=True)
class PhotoBatch:
    """Photos as tensors: pixels [B, F], labels [B, D], zeros where there is no category.

    For a CNN that is trained along, the pixels are squares [B, 3, S, S], uint8.
    """

    pixels: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> "PhotoBatch":
        """Move to a device."""
        return PhotoBatch(self.pixels.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Pairs:
    """Recipes of one partition with their photos: first[i]:first[i] + count[i] show recipe recipes[i]."""

    recipes: Rows
    first: Rows
    count: Rows

    def __len__(self) -> int:
        return len(self.recipes)

    def spread(self, most: int) -> "Pairs":
        """Take at most so many, spread evenly."""
        some = spread(len(self), most)
        return Pairs(self.recipes[some], self.first[some], self.count[some])


def spread(count: int, most: int) -> Rows:
    """Choose at most so many of `count` rows, spread evenly: the first and the last are among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def pairs(photo_recipes: Rows, recipe_partitions: npt.NDArray[Any], partition: str) -> Pairs:
    """Pair every recipe of a partition with its photos; the photos are in order of their recipes."""
    recipes, first, count = np.unique(photo_recipes, return_index=True, return_counts=True)
    chosen = recipe_partitions[recipes] == partition
    return Pairs(recipes[chosen], first[chosen], count[chosen])
