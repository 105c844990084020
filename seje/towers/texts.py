"""The text of all recipes, for an encoder that is trained along: memory-mapped, read row by row.

B batch, T instructions of the longest recipe in the batch, L its title and ingredient lines.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch
from torch import Tensor

from seje.data.recipe_text import TEXT

Numbers = tuple[Tensor, Tensor]  # of each recipe's lines, 0 for none; and how many lines


class Numbered(NamedTuple):
    """Recipes as numbers of texts: number n is that of `texts[n - 1]`, 0 that of no text."""

    texts: list[str]  # each once, in the order in which they come
    instructions: Numbers  # [B, T], [B]
    lines: Numbers | None  # [B, L], [B]; None where no tower reads them


class Texts:
    """Title, ingredient lines and instructions of each recipe, of which a tower reads some."""

    def __init__(self, batches: Iterable[Any], folder: Path, read: Sequence[bool]) -> None:
        """Map the text from a file in `folder` that is gone with the process.

        Args:
            batches: Arrow record batches of all recipes, with the columns of TEXT.
            folder: where there is room.
            read: which of title, ingredients and instructions are read; the first two together.
        """
        with NamedTemporaryFile(dir=folder, prefix=".text-") as file:
            _write(file.name, batches)
            reader = pa.ipc.open_file(pa.memory_map(file.name))
            self._batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]
        self._ends = np.cumsum([0, *(batch.num_rows for batch in self._batches)]).tolist()
        self._read = np.array(read)

    def __getitem__(self, row: int) -> dict[str, Any]:
        batch = bisect_right(self._ends, row) - 1
        return dict(self._batches[batch].slice(row - self._ends[batch], 1).to_pylist()[0])

    def numbered(self, rows: npt.NDArray[np.int64], shown: npt.NDArray[np.bool_]) -> Numbered:
        """Number the lines of some recipes: of title, ingredients and instructions those shown, [B, 3]."""
        numbers = {"": 0}
        above: list[list[int]] = []
        steps: list[list[int]] = []
        for row, (title, ingredients, instructions) in zip(rows.tolist(), shown & self._read, strict=True):
            text = self[row]
            lines = [text["title"] if title else "", *((text["ingredients"] or []) if ingredients else [])]
            above.append(_numbers(lines, numbers))
            steps.append(_numbers((text["instructions"] or []) if instructions else [], numbers))
        return Numbered(list(numbers)[1:], _padded(steps, 1), _padded(above, 2) if self._read[0] else None)


def _write(path: str, batches: Iterable[Any]) -> None:
    schema = pa.schema({TEXT[0]: pa.string()} | {name: pa.list_(pa.string()) for name in TEXT[1:]})
    with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in batches:
            writer.write_table(pa.Table.from_batches([batch]).select(TEXT).cast(schema))


def _numbers(lines: Iterable[str | None], numbers: dict[str, int]) -> list[int]:
    """Look up the number of each line; give new ones theirs."""
    return [numbers.setdefault(line, len(numbers)) if line and line.strip() else 0 for line in lines]


def _padded(lists: list[list[int]], least: int) -> Numbers:
    """Lay out numbers [B, `least` or more], 0 behind the last; and how many [B]."""
    lengths = [len(numbers) for numbers in lists]
    table = torch.zeros(len(lists), max(least, *lengths), dtype=torch.int64)
    for row, numbers in enumerate(lists):
        table[row, : len(numbers)] = torch.tensor(numbers, dtype=torch.int64)
    return table, torch.tensor(lengths)
