"""The code that a module runs: what it imports of this package, and what that imports in turn."""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]


def code_fingerprint(module: str) -> str:
    """Hash the sources of a module (`seje.joint.stage`) and of all modules of this package behind it.

    Sources are read, not run: what else is loaded changes nothing, and imports inside functions count.
    """
    digest = hashlib.sha256()
    for path in sorted(closure(module)):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def closure(module: str) -> set[Path]:
    """Find the files of a module and of all that it imports of this package, directly or not."""
    found: set[Path] = set()
    waiting = _files(module)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for name in _imports(path.read_bytes()) for file in _files(name)]
    return found


def _files(name: str) -> list[Path]:
    """Find the file of a dotted name (a module, or something in one), and of the packages around it.

    But not of the package that is all of them: it holds the Python API, which imports nothing until asked.
    """
    package, *parts = name.split(".")
    if package != ROOT.name:
        return []
    places = [ROOT.joinpath(*parts[: length + 1]) for length in range(len(parts))]
    modules = [place.with_suffix(".py") for place in places] + [place / "__init__.py" for place in places]
    return [path for path in modules if path.is_file()]


def _imports(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):  # absolute, as all of this package are
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
