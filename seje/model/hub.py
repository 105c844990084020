"""Models on Hugging Face's hub: fetched by the id of a repository, and uploaded to one."""

import re
from pathlib import Path
from typing import Any

from seje.errors import SejeError, one_line
from seje.model.folder import CARD, FACTS, Folder

INSTALL = "pip install 'seje[hub]'"
_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")  # owner/name


def locate(model: str | Path) -> Path:
    """Give the folder of a model: the path itself, or, where there is none, the hub's repository OWNER/NAME.

    What was fetched before is not fetched again. Raises SejeError where neither is to be had.
    """
    if Path(model).exists() or not _ID.fullmatch(str(model)):
        return Path(model)
    hub = _hub(f"{model}: no such folder")
    try:
        return Path(hub.snapshot_download(str(model)))
    except Exception as error:  # the client's, its transport's, and those of a full or closed disk
        raise SejeError(
            f"{model}: no such folder, nor can it be fetched from the hub: {_why(error)}"
        ) from None


def push(folder: Path, repository: str, private: bool) -> str:
    """Upload a model's folder, whole and nothing besides, to OWNER/NAME, which is made if it is new.

    Returns the address of the upload. Raises SejeError where the folder is no model, or the hub refuses.
    """
    model = Folder(folder)
    for name in model.files:
        model.checked(name)
    if not _ID.fullmatch(repository):
        raise SejeError(f"push: {repository:.80}: give OWNER/NAME")
    hub = _hub("push")
    message = f"seje model {model.fingerprint}"
    try:
        hub.create_repo(repository, private=private, exist_ok=True)
        made = hub.upload_folder(
            repo_id=repository,
            folder_path=folder,
            allow_patterns=[FACTS, CARD, *model.files],
            commit_message=message,
        )
    except Exception as error:  # as above
        raise SejeError(f"push: {repository}: {_why(error)}") from None
    return str(made)


def _hub(what: str) -> Any:
    try:
        import huggingface_hub
    except ImportError:
        raise SejeError(f"{what}; models of the hub need huggingface_hub: {INSTALL}") from None
    return huggingface_hub


def _why(error: Exception) -> str:
    return one_line(" ".join(str(error).split()) or type(error).__name__)[:200]
