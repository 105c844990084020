"""The command search, which asks by a photo, a recipe, ingredients or words."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from seje.cli.app import ASKING, PARAMS, AsJson, IndexFolder, ModelFolder, ParamsFile, app, echo_json
from seje.errors import one_line
from seje.workspace.params import load


@app.command(rich_help_panel=ASKING)
def search(
    asked: Annotated[
        str | None, typer.Argument(metavar="[PHOTO|WORDS]", help="A photo's file, or words.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="A recipe as JSON: title, ingredients, instructions.")
    ] = None,
    ingredients: Annotated[str | None, typer.Option(help="Ingredients, with commas between them.")] = None,
    plus: Annotated[list[str] | None, typer.Option(help="Words or a photo to add.")] = None,
    minus: Annotated[list[str] | None, typer.Option(help="Words or a photo to take away.")] = None,
    side: Annotated[
        Literal["recipes", "photos"] | None,
        typer.Option("--for", help="What to find; else recipes for a photo alone, photos for text."),
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many.")] = 10,
    category: Annotated[str | None, typer.Option(help="Of this category alone.")] = None,
    model: ModelFolder = None,
    index: IndexFolder = None,
    params: ParamsFile = PARAMS,
    as_json: AsJson = False,
    sheet: Annotated[
        Path | None, typer.Option("--open", help="Write the answers as cards to this .html, and show it.")
    ] = None,
) -> None:
    """Find recipes and photos by a photo, a recipe, ingredients or words.

    [bold]seje search dinner.jpg[/bold]

    [bold]seje search "greek yogurt with walnuts" --ingredients "honey, figs"[/bold]

    [bold]seje search --plus "chicken pizza" --minus pizza --plus salad[/bold]
    """
    from functools import partial

    from rich.console import Console

    from seje.cli.hits import print_hits
    from seje.search import request
    from seje.search.opening import open_search
    from seje.workspace.outputs import check_output

    if sheet:
        check_output("--open", sheet, ".html")
    given = request.Given(asked, recipe, ingredients, plus or [], minus or [])
    images = Path(load(params).corpus.source) / "images" if index is None else None
    found = request.run(given, partial(open_search, model, index), images, side, k, category)
    if found.hits.unknown:
        typer.echo(f"not known: {one_line(', '.join(found.hits.unknown))}", err=True)
    for doubt in found.hits.doubts:
        typer.echo(one_line(doubt.reason), err=True)
    if sheet:
        _show(found.sheet(), sheet)
    if as_json:
        echo_json(found.as_json())
    else:
        print_hits(Console(), found.side, found.hits)


def _show(sheet: str, path: Path) -> None:
    """Write a contact sheet, and open it in a browser; where there is none to be seen, say where it lies."""
    import os
    import sys

    from seje.workspace import files

    with files.atomic(path) as part:
        part.write_text(sheet, encoding="utf-8")
    display = (
        sys.platform in {"darwin", "win32"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if not (sys.stdout.isatty() and display and typer.launch(str(path)) == 0):
        typer.echo(f"the answers as cards: {one_line(path)}", err=True)
