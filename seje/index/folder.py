"""An index as one folder: what is in it, and what it says of itself (`index.json`).

Beside that lie, of recipes and of photos, `.npy` (vectors), `.faiss` (what searches them, unless Milvus does)
and `.parquet` (what is shown of them; with hubness `offset`, what their cosines are lowered by), and the
photos themselves.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from seje.errors import SejeError

FORMAT = 3  # one more with every change that older or newer code could not read
FACTS = "index.json"


class Facts(NamedTuple):
    """What is to be known before an index is searched."""

    model: str  # its fingerprint
    categories: list[str]
    uri: str | None  # of Milvus; None: FAISS files beside
    hubness: dict[str, Any] | None  # what lowered hubs: method, and k or beta; None: nothing did

    def as_json(self) -> dict[str, Any]:
        """As index.json has it."""
        return {"format": FORMAT, **self._asdict()}


def read_facts(folder: Path) -> Facts:
    """Read what the index in a folder says; raises SejeError where it is none, or of another format."""
    path = folder / FACTS
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise SejeError(f"{path}: the format {said['format']!r:.20} is not {FORMAT}: make the index anew")
        hubness = None if said["hubness"] is None else dict(said["hubness"])
        return Facts(str(said["model"]), list(map(str, said["categories"])), said["uri"], hubness)
    except (FileNotFoundError, NotADirectoryError):
        raise SejeError(
            f"{folder}: no index: {FACTS} is missing; `dvc repro index` writes one, and seje.Index.save"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SejeError(f"{path} cannot be read ({type(error).__name__}): make the index anew") from None
