"""No case of ../shared/cases goes without a test."""

from importlib import import_module
from pathlib import Path

from casebook import CASES, listed, run_by, there


def run() -> set[str]:
    """Names of the cases that the tests beside this one run."""
    modules = [import_module(path.stem) for path in Path(__file__).parent.glob("test_*.py")]
    return {name for module in modules for test in vars(module).values() for name in run_by(test)}


@there
def test_every_case_is_run_and_no_other():
    readme = listed((CASES / "README.md").read_text(encoding="utf-8"))
    folders = {path.name for kind in ("text", "photos") for path in (CASES / kind).iterdir()}
    assert folders <= readme
    assert run() == readme


def test_the_table_of_a_readme_is_read():
    table = r"""
| case | today | right |
|---|---|---|
| `nan` (ijson#139), `gz`, other `x.y` | refused: `bad` | read |
| `pipe`: `printf \| seje tag` with `html` | `traceback` | `line` |
| `loop/a.eps` (Pillow#1), also named `.jpg` | hangs | refused |
| depths of 10 to 14 bits | dark | `seen` |
"""
    assert listed(table) == {"nan", "gz", "pipe", "loop", "depths of 10 to 14 bits"}
