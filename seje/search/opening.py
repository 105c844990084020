"""The model and the index that are asked: the pipeline's, or those in any folders."""

from pathlib import Path

from seje.model.model import Model
from seje.search.nearest import Search
from seje.workspace import lineage, paths


def open_model(folder: Path | None) -> Model:
    """Open the model in a folder; None: the pipeline's, if what lies in pipeline/ belongs together."""
    if folder is None:
        lineage.check("model")
    return Model(folder or paths.Model.FOLDER)


def open_search(model: Path | None, index: Path | None) -> Search:
    """Open an index and the model that it was made by; None: the pipeline's."""
    if index is None:
        lineage.check("index")
    return Search(open_model(model), index or paths.Index.FOLDER)
