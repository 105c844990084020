"""Commands that measure a model on any collection, and compare two: evaluate, compare."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from seje.cli.app import AsJson, app, echo_json
from seje.errors import SejeError

NUMBERS = "Numbers"
Pools = Annotated[str, typer.Option(help="Pool sizes; the whole set comes with them.")]
Draws = Annotated[int, typer.Option(min=1, help="Random draws of each pool.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the draws.")]
POOLS, DRAWS, SEED = "1000,10000", 10, 1234
Lines = Annotated[int | None, typer.Option(min=1, help="Set aside recipes with more; else any length.")]


def pool_sizes(pools: str) -> list[int]:
    """Read the sizes that --pools gives."""
    sizes = [int(size) if re.fullmatch(r"\s*\d{1,18}\s*", size) else 0 for size in pools.split(",")]
    if min(sizes) < 1:
        raise SejeError(f"--pools {pools:.80}: give sizes from 1 on, with commas between: 1000,10000")
    return sizes


@app.command(rich_help_panel=NUMBERS)
def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A model's folder, as pipeline/model.")],
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="It holds layer1.json, layer2.json and images/.")
    ],
    partition: Annotated[
        Literal["train", "val", "test"] | None, typer.Option(help="Its recipes alone; else all of them.")
    ] = None,
    pools: Pools = POOLS,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    max_ingredients: Lines = None,
    max_instructions: Lines = None,
    as_json: AsJson = False,
    save: Annotated[
        Path | None, typer.Option(help="Write each pair's ranks to this .parquet, for `seje compare`.")
    ] = None,
) -> None:
    """Measure a model on any collection of recipes with photos, also one that it has never seen.

    [bold]seje evaluate pipeline/model my-recipes[/bold]

    [bold]seje evaluate pipeline/model recipe1m --partition test --save ranks.parquet[/bold]
    """
    import sys

    from rich.console import Console

    from seje.cli.tables import retrieval_table
    from seje.data.records import Limits
    from seje.results import collection
    from seje.results import evaluate as evaluation
    from seje.retrieval.protocol import WHOLE
    from seje.workspace.outputs import check_output

    sizes = pool_sizes(pools)
    if save:
        check_output("--save", save, ".parquet")
    limits = Limits(max_ingredients or sys.maxsize, max_instructions or sys.maxsize)
    results = evaluation.run(model, folder, partition or WHOLE, limits, (sizes, draws, seed), save)
    if as_json:
        echo_json(results)
        return
    for line in collection.summary(results["collection"]):
        typer.echo(line, err=True)
    Console().print(retrieval_table(results, f"{partition} pairs" if partition else "pairs"))


@app.command(rich_help_panel=NUMBERS)
def compare(
    one: Annotated[Path, typer.Argument(metavar="RANKS_A", help="What `seje evaluate --save` wrote,")],
    other: Annotated[Path, typer.Argument(metavar="RANKS_B", help="of another model on the same pairs.")],
    partition: Annotated[
        str | None, typer.Option(help="Of this partition alone; else of each that both files hold.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether two models differ on the same pairs: A less B, with 95 % intervals.

    [bold]seje compare ranks-a.parquet ranks-b.parquet[/bold]

    [bold]seje compare ranks.parquet pipeline/evaluation/ranks.parquet --partition test[/bold]
    """
    from rich.console import Console

    from seje.cli.tables import comparison_table
    from seje.results.compare import compare as compared

    found = compared(one, other, partition)
    if as_json:
        echo_json(found)
        return
    for name, differences in found.items():
        Console().print(comparison_table(name, differences))
