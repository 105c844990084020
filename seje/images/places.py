"""Where a photo of a recipe lies, whatever its name and its recipe's partition."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from seje.photos.decoding import locate


def find(folder: Path, name: str, partitions: Iterable[str]) -> Path | None:
    """Find a photo as `locate` does, of the first of the partitions that has it.

    Accents may be spelled on disk (some systems decompose them) otherwise than in the name.
    """
    forms = dict.fromkeys([name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD"))])
    places = (locate(folder, form, partition) for partition in partitions for form in forms)
    return next((place for place in places if place), None)
