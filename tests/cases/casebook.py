"""The cases of ../shared/cases: how a test names those that it runs, and how the README lists them all."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED
from typer.testing import CliRunner, Result

from seje.cli import app

CASES = SHARED.parent / "cases"
TEXT, PHOTOS = CASES / "text", CASES / "photos"
there = pytest.mark.skipif(not CASES.is_dir(), reason="no ../shared/cases beside the repository")


def cases(*names: str) -> Callable[[Any], Any]:
    """Let a test run for each of these cases, which it takes as its argument `case`."""
    return lambda test: there(pytest.mark.parametrize("case", names)(test))


def run_by(test: Any) -> list[str]:
    """Names of the cases that a function runs; none where it is no such test."""
    marks = getattr(test, "pytestmark", [])
    return [name for mark in marks if mark.name == "parametrize" and mark.args[0] == "case"
            for name in mark.args[1]]  # fmt: skip


def listed(readme: str) -> set[str]:
    """Names of all cases in the tables of a README: in backticks before a row's colon, else its text."""
    rows = [line for line in readme.splitlines() if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", row)[1].strip() for row in rows]
    told = [cell for cell in cells if cell != "case" and set(cell) != {"-"}]
    return {name for cell in told for name in _named(cell)}


def _named(cell: str) -> list[str]:
    head = re.match(r"(?:`[^`]*`|[^:`])*", cell)
    assert head
    return re.findall(r"`([a-z]\w*)(?:/[\w.]+)?`", head[0]) or [cell]


def seje(*arguments: str, **given: Any) -> Result:
    """Run a command, as a user does."""
    return CliRunner().invoke(app, arguments, catch_exceptions=False, **given)


def refused(*arguments: str, **given: Any) -> str:
    """Run a command that must be refused in one line; gives it."""
    done = seje(*arguments, **given)
    assert done.exit_code == 2, done.output
    assert done.stdout == "" and done.stderr.count("\n") == 1
    return done.stderr


def run_stages(params: str, *stages: str) -> None:
    """Run stages by their commands in the working directory."""
    Path("params.yaml").write_text(params)
    for stage in stages:
        done = seje(stage)
        assert done.exit_code == 0, done.output


def recipe(number: int, title: str, lines: list[str], partition: str = "train") -> dict[str, Any]:
    """A record of layer1."""
    text = {"ingredients": [{"text": line} for line in lines], "instructions": [{"text": "Cook it."}]}
    return {"id": f"{number:010x}", "partition": partition, "title": title} | text
