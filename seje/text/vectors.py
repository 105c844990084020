"""Word vectors for lookup: a word, an entity token, or any term made of known words."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seje.errors import SejeError

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class WordVectors:
    """Words and their vectors: `matrix[rows[word]]`; matrix is float32 [V, D]."""

    rows: dict[str, int]
    matrix: Vector

    @property
    def size(self) -> int:
        """Length of one vector."""
        return int(self.matrix.shape[1])


def load(path: Path) -> WordVectors:
    """Read a file in word2vec's binary format; raises SejeError where it is damaged."""
    from gensim.models import KeyedVectors

    try:
        stored = KeyedVectors.load_word2vec_format(str(path), binary=True, unicode_errors="replace")
    except (ValueError, EOFError, MemoryError) as error:
        reason = " ".join(str(error).split())[:160]
        raise SejeError(f"{path} is damaged ({reason}): run `dvc repro word2vec`") from None
    return WordVectors(dict(stored.key_to_index), np.ascontiguousarray(stored.vectors, dtype=np.float32))


def term_vector(vectors: WordVectors, term: str) -> Vector | None:
    """Return the term's own vector, else the mean of its words' (`red_wine`: red, wine), else None."""
    names = [term] if term in vectors.rows else term.split("_")
    rows = [vectors.rows[name] for name in names if name in vectors.rows]
    if not rows:
        return None
    mean: Vector = vectors.matrix[rows].mean(axis=0, dtype=np.float32)
    return mean


def term_table(
    vectors: WordVectors, terms: list[str]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Look up every term: float32 [T, D], zero where there is no vector, and bool [T], where there is."""
    table = np.zeros((len(terms), vectors.size), np.float32)
    known = np.zeros(len(terms), np.bool_)
    for row, term in enumerate(terms):
        vector = term_vector(vectors, term)
        if vector is not None:
            table[row], known[row] = vector, True
    return table, known
