"""Opening a ready sentence-transformers model, of text or of photos; nothing is ever downloaded."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from seje.errors import SejeError


def open_model(name: str) -> Any:
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
        return SentenceTransformer(_folder(name), local_files_only=True)
    except (OSError, ValueError) as error:
        if "trust_remote_code" in str(error):
            raise SejeError(
                f"{name} brings code of its own, which is not run: choose a model that transformers knows"
            ) from None
        raise SejeError(
            f"{name} is neither the folder of a sentence-transformers model nor the name of one in the "
            f"cache: give a folder, or fetch it once with `hf download {name}`"
        ) from None


def open_text_model(name: str, key: str) -> Any:
    """Load a model of text that can be trained; raises SejeError, which names the `key` of params.yaml."""
    try:
        model = open_model(name)
    except SejeError as error:
        raise SejeError(f"{key}: {error}") from None
    if not any(True for _ in model.parameters()):
        raise SejeError(f"{key}: {name} has no weights to train: choose cached, or another model")
    try:
        model.encode(["egg"], show_progress_bar=False)
    except Exception as error:  # of a model of photos each processor raises what it likes
        reason = " ".join(str(error).split())[:160]
        raise SejeError(f"{key}: {name} encodes no text ({reason}): choose a model that does") from None
    return model


def save_model(model: Any, folder: Path) -> None:
    """Write a model, as safetensors and JSON, where `open_model` finds it again."""
    model.save(str(folder), create_model_card=False, safe_serialization=True)


def _folder(name: str) -> str:
    """Name the folder of the model in an installed package of this name; else give back what was given."""
    if name.isidentifier() and not Path(name).exists() and (package := find_spec(name)):
        for root in package.submodule_search_locations or []:
            if found := next(Path(root).rglob("modules.json"), None):
                return str(found.parent)
    return name
