"""The Typer application that all commands join, and how it shows errors."""

import errno
import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from seje.errors import SejeError, one_line


class _Commands(TyperGroup):
    """Shows a SejeError, or what the system says of a file, as one line on standard error; exits with 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what standard output cannot spell is shown as its code."""
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except SejeError as error:
            typer.echo(f"seje: {one_line(error)}", err=True)
            raise typer.Exit(2) from error
        except OSError as error:
            if not error.errno or error.errno == errno.EPIPE:  # no words of the system; a reader that left
                raise
            where = f"{error.filename}: " if error.filename else ""
            typer.echo(f"seje: {one_line(where)}{os.strerror(error.errno)}", err=True)
            raise typer.Exit(2) from error


app = typer.Typer(
    cls=_Commands,
    help="Find recipes by photo and photos by recipe. The stages run under `dvc repro`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

ASKING = "Asking"  # the panel of --help
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]
ModelFolder = Annotated[
    Path | None, typer.Option("--model", help="A model's folder, or OWNER/NAME on the hub.")
]
IndexFolder = Annotated[Path | None, typer.Option("--index", help="An index's folder; else pipeline/index.")]
ParamsFile = Annotated[Path, typer.Option("--params", help="The file of hyperparameters.")]
PARAMS = Path("params.yaml")


def echo_json(found: Any) -> None:
    """Print what a command found, for programs: one line of ASCII."""
    typer.echo(json.dumps(found))
