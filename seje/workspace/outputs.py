"""Where a command is told to write: checked before the work, not after it."""

import tempfile
from pathlib import Path

from seje.errors import SejeError


def check_output(option: str, path: Path, suffix: str) -> None:
    """Raise SejeError where no file with this ending can be written at `path`; leaves nothing there."""
    if path.suffix.lower() != suffix:
        raise SejeError(f"{option} {path}: needs a file name that ends in {suffix}")
    try:
        if path.is_dir():
            raise SejeError(f"{option} {path}: is a folder: give the name of a file")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".part-{path.name}-"):
            pass
    except OSError as error:
        raise SejeError(f"{option} {path}: cannot be written: {error.strerror}") from None
