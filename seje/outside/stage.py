"""Stage `outside`: data that are neither in git nor in DVC are found from DVC's temporary copies too.

`dvc exp run --temp` and `--queue` run in copies of the repository below `.dvc/tmp`, from which `../data`
leads elsewhere, for DVC itself as well: a link is put there. What this stage writes is in no copy, so that
it runs in each of them, before the stages that read from outside.

Weights come from outside too, from files, packages or the network: those of the photo backbone, or the
features in its place, of a text encoder that is trained along, and of the embedder that the model is compared
with are looked for here, before hours of work that could not be used without them.
"""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from seje.data.sentence_transformer import open_text_model
from seje.errors import SejeError
from seje.progress import say
from seje.vision.classifier import build
from seje.vision.models import sight
from seje.vision.names import is_frozen
from seje.vision.own_features import read_features
from seje.vision.sentence import open_photo_model
from seje.workspace import files, paths


class Network(NamedTuple):
    """What makes the photo backbone."""

    backbone: str
    weights: str
    freeze: bool
    size: int  # of the photos


def run(
    names: list[str], network: Network, features: str | None, text: str | None, embedder: str | None
) -> None:
    """Link what the parameters name by a relative path, where this is a copy; look for weights once.

    Raises SejeError where the backbone cannot be had, or its weights, or where it takes no photos of that
    size; or the features that take its place; or the text encoder that is trained along (`joint.text`); or
    the embedder that the model is compared with.
    """
    here, root = Path.cwd(), paths.root().resolve()
    for name in names:
        if here != root and not Path(name).is_relative_to(paths.PIPELINE) and (root / name).exists():
            _link(Path(os.path.normpath(here / name)), root / name, root / ".dvc/tmp")
    if text:
        open_text_model(text, "joint.text")
    if embedder:
        open_photo_model(embedder, "evaluation.embedder")
    if features:
        read_features(Path(features))
    else:
        _make(network)
    files.write_json(paths.Outside.NAMES, names)


def _make(network: Network) -> None:
    seen = sight(network.backbone, is_frozen(network.backbone, network.freeze), network.size)
    build(network.backbone, network.weights, 1, seen.crop, "32")
    if seen.side > network.size:
        say(
            f"outside: {network.backbone} sees photos of {seen.side} pixels, and would see enlarged ones: "
            f"they are stored with {network.size}; set images.size to {seen.side}"
        )


def _link(place: Path, target: Path, copies: Path) -> None:
    """Make a place below `copies` lead to the target; what git has put into this copy stays."""
    if place.exists() and (place.samefile(target) or place.is_relative_to(Path.cwd())):
        return
    if not place.is_relative_to(copies) or (place.exists() and not place.is_symlink()):
        raise SejeError(f"{target} cannot be found from DVC's copies of this repository: give its whole path")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    with contextlib.suppress(FileExistsError):  # a copy beside this one was faster
        place.symlink_to(target.resolve())
