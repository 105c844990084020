"""The lines of a shard of recipes as vectors: instructions; titles and ingredient lines. Section 2.5."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from seje.data.weights import load_weights
from seje.instructions import encoders
from seje.instructions.distinct import Instructions, distinct_sentences, titled
from seje.progress import track
from seje.shards.place import digest
from seje.shards.tables import shard_table
from seje.shards.work import Made, Notes, Task
from seje.text import vectors

VECTORS, LENGTHS = "vectors.npy", "lengths.npy"  # of instructions; how many each recipe has
LINES, LINE_LENGTHS = "lines.npy", "line_lengths.npy"  # of titles and ingredient lines


class Encode:
    """Encodes each distinct line of a shard once, and writes its vector wherever it stands.

    Args:
        recipes: the corpus's table, or its shards.
        encoder: the sentence encoder, as the stage writes it.
        words: the word vectors.
    """

    def __init__(self, recipes: Path, encoder: Path, words: Path) -> None:
        self._recipes = recipes
        weights, config = load_weights(encoder)
        self._encoder = encoders.rebuild(config, weights, vectors.load(words))
        self._read = digest(encoder) + digest(encoder.with_suffix(".json"))

    def reads(self, task: Task) -> str:
        """Hashes of the encoder."""
        return self._read

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write vectors and lengths; tell of the instructions how many are distinct, and lack a vector."""
        table = shard_table(self._recipes, task.number, ["title", "ingredients", "instructions"])
        lines = distinct_sentences(table["instructions"])
        others = distinct_sentences(titled(table["title"], table["ingredients"]))
        found = self._encode(lines, VECTORS)
        np.save(folder / VECTORS, found)
        np.save(folder / LINES, self._encode(others, LINES))
        np.save(folder / LENGTHS, np.diff(lines.offsets))
        np.save(folder / LINE_LENGTHS, np.diff(others.offsets))
        rows = {VECTORS: len(lines.rows), LENGTHS: task.rows}
        rows |= {LINES: len(others.rows), LINE_LENGTHS: task.rows}
        return Made(rows, {"distinct": len(lines.distinct), "without": int((~found.any(axis=1)).sum())})

    def _encode(self, lines: Instructions, what: str) -> npt.NDArray[np.float16]:
        out = np.zeros((len(lines.rows), self._encoder.size), np.float16)
        for texts, places, rows in track(lines.chunks(), f"chunks of {Path(what).stem}"):
            out[places] = self._encoder.encode(texts).astype(np.float16)[rows]
        return out
