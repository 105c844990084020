"""Commands for a trained model's folder: push."""

from pathlib import Path
from typing import Annotated

import typer

from seje.cli.app import AsJson, app, echo_json


@app.command(rich_help_panel="The model")
def push(
    model: Annotated[Path, typer.Argument(help="A model's folder.")],
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The hub's repository.")],
    private: Annotated[bool, typer.Option("--private", help="If it is made: for you alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Upload a model to Hugging Face's hub, from where `seje.load("OWNER/NAME")` fetches it.

    [bold]seje push pipeline/model me/dishes[/bold], after `hf auth login` or with HF_TOKEN set
    """
    from seje.model import hub

    address = hub.push(model, repository, private)
    if as_json:
        echo_json({"address": address})
    else:
        typer.echo(address)
