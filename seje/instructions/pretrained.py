"""Sentence vectors of a ready sentence-transformers model, MiniLM for one; nothing is ever downloaded."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from seje.data.sentence_transformer import open_model
from seje.progress import track

Floats = npt.NDArray[np.float32]
BLOCK = 512  # texts between two steps of the progress bar
BATCH = 32  # texts that go through the model together


class PretrainedEncoder:
    """A loaded sentence-transformers model; on the GPU where there is one."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.size = self._vectors([""]).shape[1]  # length of one vector, D

    def encode(self, texts: Sequence[str], description: str | None = None) -> Floats:
        """Give each text its unit vector, float32 [N, D]; zeros for one without any word.

        Equal texts are encoded once, and those of like length together, in the same order whatever order
        they come in. What is longer than the model's limit (256 word pieces for MiniLM) is cut. Progress
        is shown under `description`; without one, not at all.
        """
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        rows = {text: row for row, text in enumerate(distinct)}
        vectors = np.zeros((len(distinct), self.size), np.float32)
        starts = range(0, len(distinct), BLOCK)
        for start in track(starts, f"{description}, blocks of {BLOCK}") if description else starts:
            vectors[start : start + BLOCK] = self._vectors(distinct[start : start + BLOCK])
        vectors[[row for text, row in rows.items() if not text.strip()]] = 0  # a part that is not there
        return vectors[[rows[text] for text in texts]]

    def knows(self, word: str) -> bool:
        """Whether a word is whole in the tokenizer's vocabulary; it spells any other letter by letter."""
        tokenizer = self._model.tokenizer
        pieces = tokenizer.tokenize(word)
        return len(pieces) == 1 and pieces[0] != tokenizer.unk_token

    def _vectors(self, texts: list[str]) -> Floats:
        # A lone surrogate is no character: the tokenizer would raise.
        readable = [text.encode(errors="replace").decode() for text in texts]
        vectors: Floats = self._model.encode(
            readable, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return vectors.astype(np.float32, copy=False)


def load_encoder(model: str) -> PretrainedEncoder:
    """Load a sentence-transformers model of text; raises SejeError where it cannot be had."""
    return PretrainedEncoder(open_model(model))
