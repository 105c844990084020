"""What `seje embed` does: a vector for each photo under a folder or each recipe of a file, and its name."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seje.corpus.layers import find_layer
from seje.data.vector_table import vector_writer
from seje.errors import SejeError
from seje.model.model import Model
from seje.search.batches import Batch, LeftOut, photo_batches, recipe_batches, spelled
from seje.search.folder import files_under
from seje.search.opening import open_model
from seje.search.recipe_file import recipes_in
from seje.search.request import PHOTO_SUFFIXES
from seje.workspace import files
from seje.workspace.outputs import check_output

TABLE = ".parquet"


class Embedded(NamedTuple):
    """How many of what were embedded, what was left out and why, and the files that were written."""

    rows: int
    what: str  # photos or recipes
    left_out: list[LeftOut]
    written: list[Path]

    def as_json(self) -> dict[str, Any]:
        """As programs read it."""
        left_out = [{"name": name, "reason": reason} for name, reason in self.left_out]
        return self._asdict() | {"left_out": left_out, "written": [str(path) for path in self.written]}


def embed(given: Path, out: Path, folder_of_model: Path | None) -> Embedded:
    """Embed the photos under a folder, in the order of their paths, or the recipes of a file, in its order.

    A folder with layer1, in any form that the stage `corpus` reads, is one of recipes. Writes a row each to
    `out`: a `.parquet`, with the columns `id` and `vector`; or a `.npy`, with the names beside it as a JSON
    array of strings, in which bytes of a path that are no UTF-8 are lone surrogates: `os.fsencode` gives the
    path's own bytes. Raises SejeError where nothing can be embedded.
    """
    written = _outputs(out)
    file = _file_of_recipes(given)
    if file and any(path.exists() and path.samefile(file) for path in written):
        raise SejeError(f"-o {out}: would be written over {file}, which is read: give another name")
    model = open_model(folder_of_model)
    left_out: list[LeftOut] = []
    what = "recipes" if file else "photos"
    batches = _recipes(model, file, written, left_out) if file else _photos(model, given, written, left_out)
    if not (first := next(batches, None)):
        reason = "".join(f"; {name}: {why}" for name, why in left_out[:1])
        raise SejeError(f"{given}: no {what} that can be used, {len(left_out)} left out{reason}")
    batches = chain([first], batches)
    count = _write_table(batches, out, model.dimensions) if _is_table(written) else _write_array(batches, out)
    return Embedded(count, what, left_out, written)


def _outputs(out: Path) -> list[Path]:
    """Name the files to write; raises SejeError where that cannot be done."""
    if out.suffix.lower() == TABLE:
        check_output("-o", out, TABLE)
        return [out]
    if out.suffix.lower() != ".npy":
        raise SejeError(f"-o {out}: needs a file name that ends in .npy or {TABLE}")
    names = out.with_suffix(".json")
    check_output("-o", out, ".npy")
    check_output("the names beside it,", names, ".json")
    return [out, names]


def _file_of_recipes(given: Path) -> Path | None:
    """Name the file of the recipes that are to be embedded; None for a folder of photos."""
    if layer1 := find_layer(given, "layer1"):
        return layer1
    if given.is_dir():
        return None
    if not given.is_file():
        raise SejeError(f"{given}: no such file or folder")
    if given.suffix.lower() in PHOTO_SUFFIXES:
        raise SejeError(f"{given}: is a photo: give the folder that it is in")
    return given


def _photos(model: Model, folder: Path, written: list[Path], left_out: list[LeftOut]) -> Iterator[Batch]:
    photos = ((str(path), path) for path in sorted(set(files_under(folder, left_out)) - {*written}))
    return photo_batches(model, spelled(photos, left_out) if _is_table(written) else photos, left_out)


def _recipes(model: Model, path: Path, written: list[Path], left_out: list[LeftOut]) -> Iterator[Batch]:
    recipes = recipes_in(path, left_out)
    return recipe_batches(model, spelled(recipes, left_out) if _is_table(written) else recipes, left_out)


def _is_table(written: list[Path]) -> bool:
    return written[0].suffix.lower() == TABLE


def _write_table(batches: Iterable[Batch], out: Path, dimensions: int) -> int:
    """Write ids and vectors as Parquet, a row group for each batch; gives the number of rows."""
    count = 0
    with files.atomic(out) as part, vector_writer(part, dimensions) as append:
        for batch in batches:
            append(batch.names, batch.vectors)
            count += len(batch.names)
    return count


def _write_array(batches: Iterable[Batch], out: Path) -> int:
    """Write the vectors as `.npy` and the names beside it as JSON; gives the number of rows."""
    names: list[str] = []
    vectors = []
    for batch in batches:
        names += batch.names
        vectors.append(batch.vectors)
    files.write_array(out, np.concatenate(vectors))
    files.write_json(out.with_suffix(".json"), names)
    return len(names)
