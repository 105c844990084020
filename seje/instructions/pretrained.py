"""Sentence vectors of a ready sentence-transformers model, MiniLM for one; nothing is ever downloaded."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from seje.errors import SejeError
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
        """Give each text its unit vector: float32 [N, D].

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
        return vectors[[rows[text] for text in texts]]

    def knows(self, word: str) -> bool:
        """Whether a word is whole in the tokenizer's vocabulary; it spells any other letter by letter."""
        tokenizer = self._model.tokenizer
        pieces = tokenizer.tokenize(word)
        return len(pieces) == 1 and pieces[0] != tokenizer.unk_token

    def save(self, folder: Path) -> None:
        """Write the model, as safetensors and JSON, where `load_encoder` finds it again."""
        self._model.save(str(folder), create_model_card=False, safe_serialization=True)

    def _vectors(self, texts: list[str]) -> Floats:
        # A lone surrogate is no character: the tokenizer would raise.
        readable = [text.encode(errors="replace").decode() for text in texts]
        vectors: Floats = self._model.encode(
            readable, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return vectors.astype(np.float32, copy=False)


def load_encoder(model: str) -> PretrainedEncoder:
    """Load a sentence-transformers model: a folder, a package that has one, or a name in the cache.

    Raises SejeError where sentence-transformers is not installed, or there is no such model.
    """
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError:
        raise SejeError("sentence-transformers is not installed: pip install 'seje[bert]'") from None
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return PretrainedEncoder(SentenceTransformer(_folder(model), local_files_only=True))
    except (OSError, ValueError):
        raise SejeError(
            f"{model} is neither the folder of a sentence-transformers model nor the name of one in the "
            f"cache: give a folder, or fetch it once with `hf download {model}`"
        ) from None


def _folder(model: str) -> str:
    """Name the folder of the model in an installed package of this name; else give back what was given."""
    if model.isidentifier() and not Path(model).exists() and (package := find_spec(model)):
        for root in package.submodule_search_locations or []:
            if found := next(Path(root).rglob("modules.json"), None):
                return str(found.parent)
    return model
