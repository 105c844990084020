"""classes1M.pkl, im2recipe's recipe categories: two pickles in one file, {id: class} and {class: name}.

A pickle can run code, and a few bytes of it can ask for any amount of memory. This reader knows no global
name and a few opcodes alone, so that a file holds plain values or is refused.
"""

import io
import pickle
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, NoReturn

from seje.errors import SejeError


class Classes(NamedTuple):
    """Class of each recipe, by its id, and names of the classes; 0 is background."""

    recipes: dict[str, int]
    names: dict[int, str]


_OPCODES = [
    *(pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.GLOBAL, pickle.STACK_GLOBAL),
    *(pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE),
    *(pickle.GET, pickle.BINGET, pickle.LONG_BINGET),
    *(pickle.EMPTY_DICT, pickle.DICT, pickle.SETITEM, pickle.SETITEMS),
    *(pickle.EMPTY_LIST, pickle.LIST, pickle.APPEND, pickle.APPENDS),
    *(pickle.STRING, pickle.BINSTRING, pickle.SHORT_BINSTRING),
    *(pickle.UNICODE, pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINUNICODE8),
    *(pickle.INT, pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG, pickle.LONG1, pickle.LONG4),
    *(pickle.NEWTRUE, pickle.NEWFALSE),
]


def _refuse(_: Any) -> NoReturn:
    raise pickle.UnpicklingError("it holds more than dicts, lists, strings and numbers")


class _Plain(pickle._Unpickler):  # the one in C makes room for as many objects as a file says it remembers
    """Builds dicts, lists, strings and whole numbers; anything else is refused."""

    dispatch: ClassVar = dict.fromkeys(range(256), _refuse) | {
        code[0]: pickle._Unpickler.dispatch[code[0]] for code in _OPCODES
    }

    def find_class(self, module: str, name: str, /) -> NoReturn:
        """Refuse every global name; raises UnpicklingError."""
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, only plain values are read")


def read_classes(path: Path) -> Classes:
    """Read both pickles; raises SejeError where the file is damaged, holds code or is something else."""
    try:
        file = io.BytesIO(path.read_bytes())  # where reads end with the file, whatever length it names
        recipes, names = (_Plain(file, encoding="utf-8").load() for _ in range(2))
        _check(recipes, names)
    except Exception as error:  # a damaged pickle fails in every way there is
        told = "it ends too soon" if isinstance(error, EOFError) else str(error)
        reason = " ".join(told.split())[:160] or type(error).__name__
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
