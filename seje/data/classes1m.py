"""classes1M.pkl, im2recipe's recipe categories: two pickles in one file, {id: class} and {class: name}.

A pickle can run code. This reader knows no global name, so that a file holds plain values or is refused.
"""

import pickle
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from seje.errors import SejeError


class Classes(NamedTuple):
    """Class of each recipe, by its id, and names of the classes; 0 is background."""

    recipes: dict[str, int]
    names: dict[int, str]


class _Plain(pickle.Unpickler):
    """Builds dicts, lists, tuples, strings and numbers; anything else needs a global name."""

    def find_class(self, module: str, name: str, /) -> NoReturn:
        """Refuse every global name; raises UnpicklingError."""
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, only plain values are read")


def read_classes(path: Path) -> Classes:
    """Read both pickles; raises SejeError where the file is damaged, holds code or is something else."""
    try:
        with path.open("rb") as file:
            recipes, names = (_Plain(file, encoding="utf-8").load() for _ in range(2))
        _check(recipes, names)
    except Exception as error:  # a damaged pickle fails in every way there is
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise SejeError(
            f"{path}: not im2recipe's file of categories ({reason}): fetch it again, or take it away "
            "and categories are built from titles"
        ) from None
    return Classes(recipes, names)


def _check(recipes: Any, names: Any) -> None:
    if not _maps(recipes, str, int):
        raise ValueError("its first pickle does not map ids to numbers")
    if not _maps(names, int, str):
        raise ValueError("its second pickle does not map numbers to names")
    if unknown := set(recipes.values()) - names.keys() - {0}:
        raise ValueError(f"class {min(unknown)} has no name")


def _maps(value: Any, key: type, item: type) -> bool:
    return type(value) is dict and all(type(k) is key and type(v) is item for k, v in value.items())
