"""Commands that ask the trained system: tag, explain, search, embed, export, serve."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from seje.cli.app import PARAMS, AsJson, ParamsFile, app, echo_json
from seje.errors import SejeError, one_line
from seje.workspace.params import load

ASKING = "Asking"
ModelFolder = Annotated[
    Path | None, typer.Option("--model", help="A model's folder, or OWNER/NAME on the hub.")
]
IndexFolder = Annotated[Path | None, typer.Option("--index", help="An index's folder; else pipeline/index.")]


@app.command(rich_help_panel=ASKING)
def tag(
    lines: Annotated[
        list[str] | None, typer.Argument(help="Ingredient lines; without any, standard input is read.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Find the ingredients in ingredient lines: their words, the quantity beside them, whether to trust them.

    [bold]seje tag "2 cups red wine" "5 dried, pitted dates"[/bold]

    [bold]seje tag --json < lines.txt[/bold]
    """
    import os
    import sys

    from rich.console import Console

    from seje.cli.tables import tagged_table
    from seje.keyterms.extractor import tagged_lines
    from seje.search.tagging import extractor

    if not lines and sys.stdin.isatty():
        raise SejeError("tag: no lines: give them as arguments, or through standard input")
    unreadable: list[int] = []
    given = _decoded(map(os.fsencode, lines) if lines else sys.stdin.buffer, unreadable)
    found = tagged_lines(extractor(), given)
    if as_json:
        for line in found:
            echo_json(line)
    else:
        Console().print(tagged_table(found))
    if unreadable:
        first = ", ".join(map(str, unreadable[:10])) + (", ..." if len(unreadable) > 10 else "")
        raise SejeError(f"tag: {len(unreadable)} not read, since they are not UTF-8: line {first}")


def _decoded(lines: Iterable[bytes], unreadable: list[int]) -> Iterator[str]:
    """Decode and clean lines; the numbers of those that are no UTF-8, from 1 on, go into `unreadable`."""
    from seje.corpus.cleaning import clean

    for number, line in enumerate(lines, 1):
        try:
            yield clean(line.decode("utf-8-sig"))
        except UnicodeDecodeError:
            unreadable.append(number)


@app.command(rich_help_panel=ASKING)
def explain(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE_ID", help="The id of a recipe of the corpus.")],
    params: ParamsFile = PARAMS,
    as_json: AsJson = False,
) -> None:
    """Show the key terms of a recipe, and their scores under each ranking method.

    [bold]seje explain 000960ab6f[/bold]
    """
    from rich.console import Console

    from seje.cli.tables import explanation_table
    from seje.search.explain import explain_recipe

    found = explain_recipe(recipe, load(params).ranking)
    if as_json:
        echo_json(found)
        return
    Console().print(explanation_table(found))
    for method, reason in found["left_out"].items():
        typer.echo(f"{method} is left out: {reason}", err=True)


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


@app.command(rich_help_panel=ASKING)
def embed(
    given: Annotated[
        Path,
        typer.Argument(
            metavar="PHOTOS|RECIPES",
            help="A folder of photos, those in folders of it too; or recipes: a file of JSON Lines, or a "
            "folder with Recipe1M's layer1.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("-o", "--out", help="OUT.npy, with the names beside it in OUT.json; or OUT.parquet."),
    ],
    model: ModelFolder = None,
    as_json: AsJson = False,
) -> None:
    """Embed all photos of a folder, or all recipes of a file: a row each.

    A recipe has a title, ingredients and instructions, or schema.org's names of them, and an id, else its
    number in the file. A photo goes by its path. OUT.parquet has the columns id and vector.

    [bold]seje embed photos/ -o photos.npy[/bold]

    [bold]seje embed recipes.jsonl -o recipes.parquet[/bold]
    """
    from seje.search import embed as embedding

    done = embedding.embed(given, out, model)
    for name, reason in done.left_out:
        typer.echo(f"left out: {one_line(name)}: {reason}", err=True)
    if as_json:
        echo_json(done.as_json())
        return
    written = ", ".join(map(str, done.written))
    typer.echo(f"{done.rows} {done.what} embedded, {len(done.left_out)} left out: {written}")


@app.command(rich_help_panel=ASKING)
def export(
    out: Annotated[Path, typer.Argument(help="The folder to write to.")],
    int8: Annotated[
        bool, typer.Option("--int8", help="Weights of 8 bits too; the loss in recall is told.")
    ] = False,
    model: ModelFolder = None,
    index: IndexFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the model as ONNX, for programs without Python, and check that it gives what PyTorch gives.

    image.onnx takes square photos as uint8, and does all the rest. recipe.onnx takes the instructions as ids
    of words, if the model's sentence encoder is one of words, else as sentence vectors; and the key terms as
    their feature, which Python's seje alone makes, or zeros. export.json says how each input is made.

    --int8 writes image.int8.onnx and recipe.int8.onnx beside them, and tells the loss on pairs of the index.

    [bold]seje export onnx/[/bold]

    [bold]seje export onnx/ --int8[/bold]
    """
    from seje.search import exporting

    steps = exporting.run(out, model, index, int8)
    if as_json:
        echo_json(exporting.as_json(steps))
        return
    for step in steps:
        typer.echo(step.line)


@app.command(rich_help_panel=ASKING)
def serve(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(envvar="SEJE_TOKEN", help="What clients must know; needed beyond this machine."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer; they share the index and the cores.")
    ] = 1,
    model: ModelFolder = None,
    index: IndexFolder = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Serve the search page and its REST interface.

    [bold]seje serve[/bold], then open http://127.0.0.1:8000

    [bold]seje serve --host 0.0.0.0 --token TOKEN --workers 4[/bold]
    """
    from seje.web import server

    images = Path(load(params).corpus.source) / "images" if index is None else None
    server.serve((model, index, images), host, port, token, workers)
