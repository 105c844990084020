"""Sentences as numbers: vocabulary, ids, padding, word frequencies. Section 2.5.

N sentences, V ids. The ids are those of skip-instructions:
padding, unknown word, `</r>` (end of the recipe), `</s>` (end of the sentence), then words by frequency.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from seje.text.tokens import tokens

PADDING, UNKNOWN, RECIPE_END, END = range(4)
SIGNS = 4
MIN_COUNT = 2  # a word seen once is unknown, so that training meets unknown words

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sentences:
    """N sentences: the ids of n are `ids[offsets[n]:offsets[n + 1]]`, `</s>` last; none for an empty one."""

    ids: npt.NDArray[np.int32]
    offsets: Ints  # [N + 1]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """Number of ids of each sentence, [N]."""
        return np.diff(self.offsets)

    def padded(self, rows: Ints) -> Ints:
        """Lay out some sentences, filled up with PADDING: [len(rows), longest]."""
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        columns = np.arange(lengths.max(initial=0))
        inside = columns < lengths[:, None]
        table = np.full(inside.shape, PADDING, np.int64)
        table[inside] = self.ids[(self.offsets[rows][:, None] + columns)[inside]]
        return table


def frequent_words(texts: Iterable[str], counts: Iterable[int], size: int, max_words: int) -> list[str]:
    """Choose at most `size` words, most frequent first, ties by spelling.

    Args:
        texts: distinct sentences, of which the first `max_words` words are looked at.
        counts: how often each of them stands in the train partition.
    """
    found: Counter[str] = Counter()
    for text, count in zip(texts, counts, strict=True):
        if count:
            for word in islice(tokens(text), max_words):
                found[word] += count
    frequent = [(-count, word) for word, count in found.items() if count >= MIN_COUNT]
    return [word for _, word in sorted(frequent)[:size]]


def number(texts: Iterable[str], vocabulary: Sequence[str], max_words: int) -> Sentences:
    """Turn texts into ids: at most `max_words` words each, and `</s>`."""
    ids_of = {word: row for row, word in enumerate(vocabulary, SIGNS)}
    ids, offsets = array("i"), array("q", [0])
    for text in texts:
        words = tokens(text)[:max_words]
        if words:
            ids.extend(ids_of.get(word, UNKNOWN) for word in words)
            ids.append(END)
        offsets.append(len(ids))
    return Sentences(np.array(ids, np.int32), np.array(offsets, np.int64))


def id_counts(sentences: Sentences, rows: Ints, classes: int) -> Ints:
    """Count each id in the sentences `rows`, a sentence as often as it is named: int64 [V]."""
    times = np.bincount(rows, minlength=len(sentences))
    counts = np.bincount(sentences.ids, np.repeat(times, sentences.lengths), minlength=classes)
    return counts.astype(np.int64)


def unigram_perplexity(fitted: Ints, measured: Ints) -> float:
    """Perplexity of a model that knows word frequencies alone: p(w) = (count(w) + 1) / (all + V).

    Args:
        fitted: how often each of the V words stands in the text that the model knows.
        measured: how often each stands in the text that is predicted; at least one does.
    """
    log_p = np.log((fitted + 1) / (fitted.sum() + len(fitted)))
    return float(np.exp(-(measured * log_p).sum() / measured.sum()))
