"""The way from the ids of words to a recipe's embedding as one module of plain operations, for ONNX.

Key terms come as their feature: they are found by the tagger's Viterbi search and by lookups, which are no
graph. B batch, T lines, W words of a line, V words of a vocabulary, D word vector, H sentence vector,
E embedding.
"""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from torch import Tensor, nn
from torch.nn.functional import normalize

from seje.instructions.encoders import Mean, SentenceEncoder, Skip
from seje.instructions.sentences import number
from seje.model.recipe_encoder import RecipeEncoder, RecipeText
from seje.ranking.lsa import WordSpace, words_text
from seje.text.tokens import words
from seje.towers.features import LineVectors, RecipeBatch
from seje.towers.joint_model import JointModel, ModelSizes, RecipeTower, _unsquash

ID_SIGNS = ("<padding>", "<unknown>", "</r>", "</s>")  # ids 0 to 3 of skip-instructions
Feed = dict[str, Any]  # a numpy array for each input of a graph


class _UnpackedTower(RecipeTower):
    """The recipe tower with an LSTM over padded instructions: ONNX knows no packed sequences."""

    def _read(self, batch: RecipeBatch) -> Tensor:
        states, _ = self.sequence(_unsquash(batch.sentences))  # (B, T, recurrent)
        return _at(states, batch.lengths)


class _SkipLines(nn.Module):
    """Ids [B, T, W], 0 behind the last, to sentence vectors [B, T, H]; zero for a line of no ids."""

    def __init__(self, encoder: Skip) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(encoder.encoder).cpu()

    def forward(self, ids: Tensor) -> Tensor:
        flat = ids.flatten(0, 1)
        counts = (flat != 0).sum(dim=1)
        states, _ = self.encoder.lstm(self.encoder.table.weight[flat])
        found = normalize(_at(states, counts), dim=1) * (counts > 0)[:, None]
        return found.reshape(ids.shape[0], ids.shape[1], found.shape[1])


class _MeanLines(nn.Module):
    """The same where a sentence's vector is the mean of its words'."""

    table: Tensor

    def __init__(self, encoder: Mean) -> None:
        super().__init__()
        table = np.concatenate([np.zeros((1, encoder.size), np.float32), encoder.vectors.matrix])
        self.register_buffer("table", torch.from_numpy(table))

    def forward(self, ids: Tensor) -> Tensor:
        counts = (ids != 0).sum(dim=2, keepdim=True).clamp_min(1)
        return normalize(self.table[ids].sum(dim=2) / counts, dim=2)


class _Words(nn.Module):
    """How often each word of the word space is there [B, V], to its feature, as `WordSpace.transform`."""

    idf: Tensor
    axes: Tensor

    def __init__(self, space: WordSpace) -> None:
        super().__init__()
        self.register_buffer("idf", torch.from_numpy(np.array(space.idf)))
        self.register_buffer("axes", torch.from_numpy(np.array(space.axes)))

    def forward(self, counts: Tensor) -> Tensor:
        weights = torch.where(counts > 0, 1 + counts.clamp_min(1).log(), 0) * self.idf
        return normalize(weights, dim=1) @ self.axes


class RecipeGraph(nn.Module):
    """Recipes as plain tensors to unit vectors [B, E]; a part of zeros is one that the recipe lacks."""

    def __init__(self, towers: JointModel, encoder: RecipeEncoder) -> None:
        super().__init__()
        self.towers = copy.deepcopy(towers).cpu()
        tower = _UnpackedTower(towers.sizes)
        tower.load_state_dict(towers.recipe.state_dict())
        self.towers.recipe = tower
        self.lines = _lines_of(encoder.sentences)
        self.words = _Words(encoder.space) if encoder.space else nn.Identity()
        self.eval()

    def forward(
        self,
        terms: Tensor | None = None,
        instructions: Tensor | None = None,
        lengths: Tensor | None = None,
        words: Tensor | None = None,
        lines: Tensor | None = None,
        line_lengths: Tensor | None = None,
    ) -> Tensor:
        """Embed recipes by the inputs that `inputs_of` names."""
        given = next(part for part in (terms, words, lengths) if part is not None)
        none = torch.zeros(given.shape[0], 0)
        batch = RecipeBatch(
            none if terms is None else terms,
            none[:, None] if instructions is None else self.lines(instructions),
            torch.zeros(given.shape[0], dtype=torch.int64) if lengths is None else lengths,
            none if words is None else self.words(words),
            None if lines is None else self.lines(lines),
            line_lengths,
        )
        return self.towers.embed_recipes(batch)


def inputs_of(sizes: ModelSizes) -> list[str]:
    """Names of what recipe.onnx takes: what the towers read, and no more."""
    read = {
        "terms": sizes.terms,
        "instructions": sizes.sentence,
        "lengths": sizes.sentence,
        "words": sizes.words,
        "lines": sizes.lines,
        "line_lengths": sizes.lines,
    }
    return [name for name, size in read.items() if size]


def feed(encoder: RecipeEncoder, sizes: ModelSizes, recipes: Sequence[RecipeText]) -> Feed:
    """Make the inputs of recipe.onnx for some recipes."""
    instructions, lengths = _ids(encoder.sentences, [recipe.instructions for recipe in recipes], 1)
    lines = [[recipe.title, *recipe.ingredients] for recipe in recipes]
    ids, line_lengths = _ids(encoder.sentences, lines, 2)
    made = {
        "terms": encoder.terms.features(recipes) if encoder.terms else None,
        "instructions": instructions,
        "lengths": lengths,
        "words": _counts(encoder.space, recipes) if encoder.space else None,
        "lines": ids,
        "line_lengths": line_lengths,
    }
    return {name: made[name] for name in inputs_of(sizes)}


def vocabulary(sentences: SentenceEncoder | None) -> list[str] | None:
    """The word of each id; None where the graph takes sentence vectors in place of ids."""
    if isinstance(sentences, Skip):
        return [*ID_SIGNS, *sentences.vocabulary]
    if isinstance(sentences, Mean):
        return [ID_SIGNS[0], *sentences.vectors.rows]
    return None


def _lines_of(sentences: SentenceEncoder | None) -> nn.Module:
    if isinstance(sentences, Skip):
        return _SkipLines(sentences)
    return _MeanLines(sentences) if isinstance(sentences, Mean) else nn.Identity()


def _at(states: Tensor, lengths: Tensor) -> Tensor:
    """States [B, T, H] at each row's last step: [B, H]."""
    last = (lengths - 1).clamp_min(0)[:, None, None].expand(-1, 1, states.shape[2])
    return states.gather(1, last)[:, 0]


def _ids(encoder: SentenceEncoder | None, lists: list[list[str]], least: int) -> tuple[Any, Any]:
    """Lay out lines as the graph takes them: ids [B, T, W], or vectors [B, T, H]; and how many, [B]."""
    texts = [line for lines in lists for line in lines]
    rows: Any
    if isinstance(encoder, Skip):
        numbered = number(texts, encoder.vocabulary, encoder.max_words)
        rows = numbered.padded(np.arange(len(texts)))
    elif isinstance(encoder, Mean):
        known = [
            [encoder.vectors.rows[word] + 1 for word in words(text) if encoder.knows(word)] for text in texts
        ]
        rows = np.zeros((len(texts), max(map(len, known), default=0)), np.int64)
        for row, ids in zip(rows, known, strict=True):
            row[: len(ids)] = ids
    else:
        rows = encoder.encode(texts) if encoder else np.zeros((len(texts), 0), np.float32)
    if not rows.size:
        rows = np.zeros((1, max(1, rows.shape[1])), rows.dtype)
    offsets = np.cumsum([0] + [len(lines) for lines in lists])
    # As float32, which holds ids exactly.
    padded, lengths = LineVectors(rows, offsets).padded(np.arange(len(lists)), least=least)
    return padded.numpy().astype(rows.dtype), lengths.numpy()


def _counts(space: WordSpace, recipes: Sequence[RecipeText]) -> Any:
    texts = [words_text(recipe.title, recipe.ingredients, recipe.instructions) for recipe in recipes]
    return CountVectorizer(vocabulary=space.vocabulary).transform(texts).toarray().astype(np.float32)
