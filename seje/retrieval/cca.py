"""A baseline without training: TF-IDF of the recipe's words and pooled pixels, under canonical correlation.

Hotelling, Relations between two sets of variates, 1936. Of whitened features the canonical axes are the
singular vectors of their cross-covariance, so that scikit-learn's PCA and one small SVD are all of it;
scikit-learn's own CCA finds the axes one by one, each by passes over all the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA

from seje.retrieval.ranks import Vectors
from seje.text.words import WordSpace, word_space

DIMENSIONS = 100  # that are kept of either side before whitening; more of them are noise on small sets
PAIRS = 20_000  # that it is fitted to at most; covariances of so few dimensions need no more


@dataclass(frozen=True)
class Cca:
    """A fitted baseline: the word space, the whitening of both sides, and the axes."""

    words: WordSpace
    text_whitening: Any
    text_axes: npt.NDArray[Any]
    pixel_whitening: Any
    pixel_axes: npt.NDArray[Any]

    def recipes(self, texts: Sequence[str]) -> Vectors:
        """Embed recipes, given as texts: unit vectors (len(texts), L)."""
        return _unit(self.text_whitening.transform(self.words.transform(texts)) @ self.text_axes)

    def images(self, pixels: Vectors) -> Vectors:
        """Embed photos, given as pixel features (P, F): unit vectors (P, L)."""
        return _unit(self.pixel_whitening.transform(pixels) @ self.pixel_axes)


def fit_cca(texts: Sequence[str], pixels: Vectors, seed: int) -> Cca:
    """Fit to train pairs: text i goes with pixel feature i. Axes count as much as they correlate."""
    words = word_space(texts, DIMENSIONS, seed)
    placed = words.transform(texts)
    whitenings = [_whitening(side, seed) for side in (placed, pixels)]
    white = [whitening.transform(side) for whitening, side in zip(whitenings, (placed, pixels), strict=True)]
    left, correlations, right = np.linalg.svd(white[0].T @ white[1] / len(texts), full_matrices=False)
    return Cca(words, whitenings[0], left * correlations, whitenings[1], right.T * correlations)


def _whitening(features: Vectors, seed: int) -> Any:
    most = min(DIMENSIONS, len(features) - 1, features.shape[1])
    return PCA(most, whiten=True, random_state=seed).fit(features)


def _unit(vectors: npt.NDArray[Any]) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(length > 0, length, 1)).astype(np.float32)
