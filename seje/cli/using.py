"""Commands that give the model to other programs: embed, export, serve."""

from pathlib import Path
from typing import Annotated

import typer

from seje.cli.app import ASKING, PARAMS, AsJson, IndexFolder, ModelFolder, ParamsFile, app, echo_json
from seje.errors import one_line
from seje.workspace.params import load


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
