"""SEJE: one space in which a recipe's text and a photo of the dish lie close together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seje.model.model import Model
    from seje.search.own_index import Index

__all__ = ["Index", "load"]


def load(path: str | Path, device: str | None = None) -> Model:
    """Load a trained model, to embed photos and recipes anywhere.

    Args:
        path: the folder that the stage `model` wrote (`pipeline/model`), or a copy of it; or OWNER/NAME, a
            repository on Hugging Face's hub, which is fetched (`pip install 'seje[hub]'`).
        device: where the networks run, as "cpu" or "cuda:1"; None: on the GPU where there is one.

    Raises SejeError, one line, where the folder is none, damaged, or of another format.
    """
    from seje.model.model import Model

    return Model(path, device)


def __getattr__(name: str) -> Any:
    """Give `Index` when it is first asked for: what it needs takes seconds to import."""
    if name == "Index":
        from seje.search.own_index import Index

        return Index
    raise AttributeError(f"module 'seje' has no attribute {name!r}")
