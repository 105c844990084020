"""The model that is asked: the pipeline's, or one in any folder."""

from pathlib import Path

from seje.model.model import Model
from seje.workspace import lineage, paths


def open_model(folder: Path | None) -> Model:
    """Open the model in a folder; None: the pipeline's, if what lies in pipeline/ belongs together."""
    if folder is None:
        lineage.check("model")
    return Model(folder or paths.Model.FOLDER)
