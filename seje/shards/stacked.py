"""Arrays that lie in several files, read as if they were one: rows are gathered from where they are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Stacked:
    """Arrays [N1, ...], [N2, ...] as one of [N1 + N2, ...]; may be memory-mapped, and stay so.

    The first index is a row, a slice or an array of rows; what follows it goes to the arrays.
    """

    def __init__(self, arrays: Sequence[Array]) -> None:
        self._arrays = arrays
        self._ends = np.cumsum([0, *map(len, arrays)])
        self.shape = (int(self._ends[-1]), *arrays[0].shape[1:])
        self.dtype = arrays[0].dtype
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        whole = np.concatenate(self._arrays)
        return whole if dtype is None else whole.astype(dtype, copy=False)

    def __getitem__(self, index: Any) -> Array:
        first, *rest = index if isinstance(index, tuple) else (index,)
        if isinstance(first, slice):
            start, stop, step = first.indices(len(self))
            return self._slice(start, stop)[(slice(None, None, step), *rest)]
        rows = np.asarray(first)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        if rows.ndim == 0:
            array, row = self._where(int(rows))
            return np.asarray(self._arrays[array][(row, *rest)])
        alike = np.broadcast_arrays(rows, *(part for part in rest if isinstance(part, np.ndarray)))
        others = iter(alike[1:])
        flat = [next(others).ravel() if isinstance(part, np.ndarray) else part for part in rest]
        found = self._gather(rows.ravel(), flat)
        return found.reshape(*rows.shape, *found.shape[1:])

    def _where(self, row: int) -> tuple[int, int]:
        row = row + len(self) if row < 0 else row
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        array = int(np.searchsorted(self._ends, row, side="right")) - 1
        return array, row - int(self._ends[array])

    def _slice(self, start: int, stop: int) -> Array:
        pieces = [
            array[max(start - first, 0) : max(stop - first, 0)]
            for array, first in zip(self._arrays, self._ends, strict=False)
        ]
        held = [piece for piece in pieces if len(piece)] or pieces[:1]
        return held[0] if len(held) == 1 else np.concatenate(held)

    def _gather(self, rows: Array, rest: Sequence[Any]) -> Array:
        rows = np.where(rows < 0, rows + len(self), rows)
        if len(rows) and not (0 <= rows.min() and rows.max() < len(self)):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {len(self)}")
        of = np.searchsorted(self._ends, rows, side="right") - 1
        found: Array | None = None
        for number in np.unique(of) if len(rows) else [0]:
            here = np.flatnonzero(of == number)
            each = [part[here] if isinstance(part, np.ndarray) else part for part in rest]
            taken = self._arrays[number][(rows[here] - self._ends[number], *each)]
            if found is None:
                found = np.empty((len(rows), *taken.shape[1:]), self.dtype)
            found[here] = taken
        assert found is not None
        return found
