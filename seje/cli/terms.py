"""Commands that tell what is read in a recipe: tag, explain."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from seje.cli.app import ASKING, PARAMS, AsJson, ParamsFile, app, echo_json
from seje.errors import SejeError
from seje.workspace.params import load


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
