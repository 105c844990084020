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

from seje.instructions.sentences import END, RECIPE_END, Ints, Sentences

CHUNK = 8192  # sentences held as Python strings at a time


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

    def neighbours(self, chosen: npt.NDArray[np.bool_], sentences: Sentences, previous: bool) -> Ints:
        """Put beside each instruction the next one of its recipe, and behind it, if asked, the previous one.

        Args:
            chosen: bool [R], the recipes to take.
            sentences: the distinct sentences and, as `with_recipe_end` adds it, the end of the recipe, which
                stands after the last instruction and before the first. Empty sentences are passed over.
            previous: whether the previous one is asked for.

        Returns:
            int64 [pairs, 2], with `previous` [pairs, 3]: rows of `sentences`.
        """
        recipes = np.repeat(np.arange(len(chosen)), np.diff(self.offsets))
        used = chosen[recipes] & (sentences.lengths[self.rows] > 0)
        sources, recipes = self.rows[used], recipes[used]
        end = len(sentences) - 1
        is_last = np.append(recipes[1:] != recipes[:-1], [True] * bool(len(recipes)))
        columns = [sources, np.where(is_last, end, np.roll(sources, -1))]
        if previous:
            is_first = np.roll(is_last, 1)
            columns.append(np.where(is_first, end, np.roll(sources, 1)))
        return np.stack(columns, axis=1).astype(np.int64)

    def chunks(self) -> Iterator[tuple[list[str], Ints, Ints]]:
        """Yield some distinct sentences at a time: texts, places in `rows` that hold them, which at each."""
        order = np.argsort(self.rows, kind="stable")
        firsts = np.searchsorted(self.rows, np.arange(len(self.distinct) + 1), sorter=order)
        for start in range(0, len(self.distinct), CHUNK):
            texts = self.distinct.slice(start, CHUNK).to_pylist()
            places = order[firsts[start] : firsts[start + len(texts)]]
            yield texts, places, self.rows[places] - start


def distinct_sentences(column: Any) -> Instructions:
    """Read a pyarrow column of lists of strings, one list a recipe."""
    lengths = pc.list_value_length(column).fill_null(0).to_numpy()
    lines = pc.list_flatten(column).cast(pa.large_string()).fill_null("").combine_chunks().dictionary_encode()
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return Instructions(lines.dictionary, lines.indices.to_numpy().astype(np.int64), offsets)


def titled(titles: Any, lists: Any) -> Any:
    """Put each of the titles [R] in front of a recipe's own list of lines: a pyarrow column of lists."""
    flat = pc.list_flatten(lists).cast(pa.large_string()).combine_chunks()
    lengths = pc.list_value_length(lists).fill_null(0).to_numpy() + 1
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    order = np.empty(offsets[-1], np.int64)
    is_title = np.zeros(offsets[-1], bool)
    is_title[offsets[:-1]] = True
    order[is_title] = np.arange(len(lengths))
    order[~is_title] = len(lengths) + np.arange(len(flat))
    both = pa.concat_arrays([titles.cast(pa.large_string()).combine_chunks(), flat])
    return pa.chunked_array([pa.LargeListArray.from_arrays(offsets, both.take(pa.array(order)))])


def with_recipe_end(sentences: Sentences) -> Sentences:
    """Add one sentence, the last: `</r> </s>`, the end of every recipe."""
    ids = np.append(sentences.ids, np.array([RECIPE_END, END], np.int32))
    return Sentences(ids, np.append(sentences.offsets, len(ids)))
