"""Commands for a trained model's folder: push."""

from pathlib import Path
from typing import Annotated

import typer

from seje.cli.app import app


@app.command(rich_help_panel="The model")
def push(
    model: Annotated[Path, typer.Argument(help="A model's folder.")],
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The hub's repository.")],
    private: Annotated[bool, typer.Option("--private", help="If it is made: for you alone.")] = False,
) -> None:
    """Upload a model to Hugging Face's hub, from where `seje.load("OWNER/NAME")` fetches it.

    [bold]seje push pipeline/model me/dishes[/bold], after `hf auth login` or with HF_TOKEN set
    """
    from seje.model import hub

    typer.echo(hub.push(model, repository, private))
