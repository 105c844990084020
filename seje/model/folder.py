"""A trained model as one folder: what is in it, and how it is read. It holds data alone: no code, no pickle.

`model.json` says what the folder is: its format, the version of seje that wrote it, the fingerprint of every
other file, and the model's own, which follows from these. Each part is a `<part>.safetensors` with a
`<part>.json` beside it; a part that the towers do not read is not there.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from seje.data.fingerprint import fingerprint
from seje.errors import SejeError

FORMAT = 4  # one more with every change that older or newer code could not read
FACTS = "model.json"
CARD = "README.md"
PARTS = ("towers", "cnn", "classifier", "tagger", "terms", "vectors", "words", "sentences", "bank")
BACKBONE = "backbone.onnx"  # where the photo backbone is a file
ENCODER = "encoder"  # folder of the photo backbone, where it is a sentence-transformers model
TRANSFORMER = "transformer"  # and where it is one that encodes lines
RATER = "rater"  # and where it is one that rates terms
_CURE = "fetch or make the model anew"


def facts(folder: Path, version: str, about: dict[str, Any]) -> dict[str, Any]:
    """What `model.json` of a folder says, from the files that lie there and `about` the model."""
    held = sorted(path for path in folder.rglob("*") if path.is_file() and _counts(path.relative_to(folder)))
    files = {path.relative_to(folder).as_posix(): fingerprint(path) for path in held}
    return {
        "format": FORMAT,
        "seje": version,
        "fingerprint": _together(files, about),
        "files": files,
        "about": about,
    }


def _counts(path: Path) -> bool:
    """Whether a file is of the model: not the card, which may be edited, nor what others put there."""
    if path.parts[0] in {BACKBONE, ENCODER, TRANSFORMER, RATER}:
        return True
    return path.name in {f"{part}{ending}" for part in PARTS for ending in (".safetensors", ".json")}


def _together(files: dict[str, str], about: dict[str, Any]) -> str:
    said = json.dumps([FORMAT, files, about], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


class Folder:
    """Reads a model's folder; raises SejeError where it is none, damaged, or of another format."""

    def __init__(self, path: Path) -> None:
        self.path = path
        place = path / FACTS
        try:
            said = json.loads(place.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise SejeError(
                f"{path}: no model: {FACTS} is missing; `dvc repro model` writes one to pipeline/model"
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise SejeError(f"{place} cannot be read ({type(error).__name__}): {_CURE}") from None
        found = said.get("format") if isinstance(said, dict) else None
        if found != FORMAT:
            raise SejeError(
                f"{place}: the model's format is {found!r:.20}, this seje reads {FORMAT}: "
                "take the release that wrote it, or make the model anew"
            )
        try:
            self.files = {str(name): str(known) for name, known in said["files"].items()}
            self.about: dict[str, Any] = dict(said["about"])
            self.fingerprint, self.version = str(said["fingerprint"]), str(said["seje"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise SejeError(f"{place} is damaged: {_CURE}") from None
        if self.fingerprint != _together(self.files, self.about):
            raise SejeError(f"{place} was changed after it was written: {_CURE}")

    def has(self, part: str) -> bool:
        """Whether the model has a part."""
        return f"{part}.json" in self.files

    def card(self) -> str:
        """Read the model card; empty where there is none."""
        try:
            return (self.path / CARD).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def read(self, part: str) -> tuple[dict[str, Any], Any]:
        """Read the tensors of a part and its config."""
        from safetensors.torch import load_file

        weights, config = (self.checked(f"{part}.{end}") for end in ("safetensors", "json"))
        try:
            return load_file(weights), json.loads(config.read_text(encoding="utf-8"))
        except Exception as error:  # what a damaged file raises depends on where it is damaged
            raise SejeError(f"{weights} cannot be read ({type(error).__name__}): {_CURE}") from None

    def checked(self, name: str) -> Path:
        """Give the path of a file, or of a folder of files, that is as it was when the model was written."""
        held = [known for known in self.files if known == name or known.startswith(f"{name}/")]
        for known in held or [name]:
            path = self.path / known
            if not path.is_file():
                raise SejeError(f"{path} is missing: {_CURE}")
            if fingerprint(path) != self.files.get(known):
                raise SejeError(f"{path} is not the file that belongs to this model: {_CURE}")
        return self.path / name
