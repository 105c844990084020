"""The instructions of all recipes, each distinct sentence kept once. Section 2.5.

N distinct sentences, S instructions, R recipes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from seje.text.sentences import END, RECIPE_END, Ints, Sentences

CHUNK = 65536  # sentences held as Python strings at a time


@dataclass(frozen=True)
class Instructions:
    """Recipe r has the sentences `rows[offsets[r]:offsets[r + 1]]`."""

    distinct: Any  # pyarrow strings [N]
    rows: Ints  # [S]
    offsets: Ints  # [R + 1]

    def texts(self) -> Iterator[str]:
        """Yield each distinct sentence."""
        for start in range(0, len(self.distinct), CHUNK):
            yield from self.distinct.slice(start, CHUNK).to_pylist()

    def counts(self, chosen: npt.NDArray[np.bool_]) -> Ints:
        """Count how often each distinct sentence stands in the recipes that are true in `chosen` [R]: [N]."""
        rows = self.rows[np.repeat(chosen, np.diff(self.offsets))]
        return np.bincount(rows, minlength=len(self.distinct)).astype(np.int64)

    def pairs(self, chosen: npt.NDArray[np.bool_], sentences: Sentences) -> Ints:
        """Pair each instruction with the next one of its recipe: int64 [pairs, 2], rows of `sentences`.

        Args:
            chosen: bool [R], the recipes to take.
            sentences: the distinct sentences and, as `with_recipe_end` adds it, the end of the recipe, which
                follows the last instruction. Empty sentences are passed over.
        """
        recipes = np.repeat(np.arange(len(chosen)), np.diff(self.offsets))
        used = chosen[recipes] & (sentences.lengths[self.rows] > 0)
        sources, recipes = self.rows[used], recipes[used]
        is_last = np.append(recipes[1:] != recipes[:-1], [True] * bool(len(recipes)))
        targets = np.where(is_last, len(sentences) - 1, np.roll(sources, -1))
        return np.stack([sources, targets], axis=1).astype(np.int64)

    def places(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield chunks of distinct sentences: their numbers, and the places in `rows` where they stand."""
        order = np.argsort(self.rows, kind="stable")
        firsts = np.searchsorted(self.rows, np.arange(len(self.distinct) + 1), sorter=order)
        for start in range(0, len(self.distinct), CHUNK):
            stop = min(start + CHUNK, len(self.distinct))
            yield np.arange(start, stop), order[firsts[start] : firsts[stop]]


def distinct_sentences(column: Any) -> Instructions:
    """Read a pyarrow column of lists of strings, one list a recipe."""
    lengths = pc.list_value_length(column).fill_null(0).to_numpy()
    lines = pc.list_flatten(column).cast(pa.large_string()).fill_null("").combine_chunks().dictionary_encode()
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return Instructions(lines.dictionary, lines.indices.to_numpy().astype(np.int64), offsets)


def with_recipe_end(sentences: Sentences) -> Sentences:
    """Add one sentence, the last: `</r> </s>`, which follows the last instruction of every recipe."""
    ids = np.append(sentences.ids, np.array([RECIPE_END, END], np.int32))
    return Sentences(ids, np.append(sentences.offsets, len(ids)))
