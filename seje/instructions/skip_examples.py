"""What skip-instructions learns from: vocabulary, sentences as ids, and which follows which. Section 2.5."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from seje.instructions.distinct import Instructions, with_recipe_end
from seje.instructions.sentences import (
    END,
    RECIPE_END,
    SIGNS,
    UNKNOWN,
    Ints,
    Sentences,
    frequent_words,
    id_counts,
    number,
    unigram_perplexity,
)

Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Examples:
    """Sentences, and rows of them: [pairs, 2 or 3], a sentence, the next and, if asked for, the previous."""

    vocabulary: list[str]
    sentences: Sentences
    train: Ints
    val: Ints

    @property
    def classes(self) -> int:
        """Number of ids."""
        return SIGNS + len(self.vocabulary)

    def baseline(self) -> dict[str, float]:
        """Perplexity of word frequencies on the next sentences of val, and the share of unknown words."""
        if not len(self.val):
            return {}
        pairs = (self.train, self.val)
        fitted, measured = (id_counts(self.sentences, part[:, 1], self.classes) for part in pairs)
        words = measured.sum() - measured[[RECIPE_END, END]].sum()
        unigram = unigram_perplexity(fitted[UNKNOWN:], measured[UNKNOWN:])  # nothing predicted is padding
        return {"unigram_perplexity": unigram, "unknown_words": measured[UNKNOWN] / max(1, words)}


def examples(
    lines: Instructions, train: Chosen, val: Chosen, *, vocabulary: int, max_words: int, previous: bool
) -> Examples:
    """Number all sentences by the words of the recipes in `train`; pair those of `train` and `val` [R].

    Args:
        lines: the instructions of all R recipes.
        train: the recipes to learn from.
        val: the recipes to measure perplexity on.
        vocabulary: the largest number of words.
        max_words: words of a sentence that are looked at.
        previous: whether the previous sentence is to be predicted besides the next.
    """
    words = frequent_words(lines.texts(), lines.counts(train).tolist(), vocabulary, max_words)
    sentences = with_recipe_end(number(lines.texts(), words, max_words))
    learnt, measured = (lines.neighbours(part, sentences, previous) for part in (train, val))
    return Examples(words, sentences, learnt, measured)
