"""Commands that show numbers: metrics, ablation, audit, score."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seje.cli.app import PARAMS, AsJson, ParamsFile, app, echo_json
from seje.cli.evaluation import DRAWS, NUMBERS, POOLS, SEED, Draws, Pools, Seed, pool_sizes
from seje.errors import SejeError
from seje.workspace.params import load


class Layout(StrEnum):
    """How a table is printed."""

    table = "table"
    markdown = "markdown"
    csv = "csv"


class Asked(StrEnum):
    """A partition that an ablation is asked on."""

    val = "val"
    test = "test"


@app.command(rich_help_panel=NUMBERS)
def metrics(as_json: AsJson = False) -> None:
    """Print the retrieval metrics of the last evaluation as a table."""
    from rich.console import Console

    from seje.cli.tables import retrieval_table
    from seje.workspace import files, paths

    path = paths.metrics("evaluation")
    try:
        found = files.read_json(path, "evaluation")
        table = retrieval_table(found)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise SejeError(f"{path} is not what the stage writes: run `dvc repro evaluation`") from None
    if as_json:
        echo_json(found)
    else:
        Console().print(table)


@app.command(rich_help_panel=NUMBERS)
def ablation(
    experiments: Annotated[Path, typer.Option(help="The file of the rows.")] = Path("experiments.yaml"),
    queue: Annotated[bool, typer.Option("--queue", help="Queue what is not done, print names.")] = False,
    partition: Annotated[
        Asked, typer.Option(help="val to choose by; test once, at the end, for what was chosen.")
    ] = Asked.val,
    layout: Annotated[Layout, typer.Option("--format", help="How to print the table.")] = Layout.table,
    as_json: AsJson = False,
) -> None:
    """Show the ablation table from DVC's experiments of this commit; `make ablation` runs them.

    [bold]seje ablation --format markdown --partition test[/bold]

    [bold]seje ablation --queue && dvc exp run --run-all -j 2[/bold]
    """
    import csv
    import sys

    from rich.console import Console

    from seje.cli import tables
    from seje.results import ablation

    rows = ablation.read(experiments)
    if queue:
        names = ablation.queue(rows)
        if as_json:
            echo_json({"queued": names})
        else:
            typer.echo("".join(f"{name}\n" for name in names), nl=False)
        return
    found = ablation.table(rows, partition.value)
    if as_json:
        echo_json({"partition": partition.value, "rows": found})
    elif layout is Layout.csv:
        columns = dict.fromkeys(key for row in found for key in row)
        writer = csv.DictWriter(sys.stdout, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {"lost": " ".join(row["lost"])} for row in found)
    elif layout is Layout.markdown:
        typer.echo(tables.ablation_markdown(found, partition.value))
    else:
        Console().print(tables.ablation_table(found, partition.value))
    if lost := [name for row in found for name in row["lost"]]:
        typer.echo(
            f"seje: ablation: no ranks in DVC's cache of {', '.join(lost)}: left out; `dvc exp remove` them "
            "and run `make ablation`",
            err=True,
        )


@app.command(rich_help_panel=NUMBERS)
def audit(
    params: ParamsFile = PARAMS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with all groups.")] = False,
) -> None:
    """Show what is wrong with the corpus: recipes and photos that come twice, leaks between partitions."""
    from rich.console import Console

    from seje.cli.tables import audit_tables
    from seje.results import audit

    found = audit.audit(Path(load(params).corpus.source))
    if as_json:
        echo_json(found)
        return
    for table in audit_tables(found):
        Console().print(table)


@app.command(rich_help_panel=NUMBERS)
def score(
    images: Annotated[
        Path,
        typer.Argument(metavar="IMAGES", help="Photos' vectors: .npy, (pairs, dimensions), or .parquet."),
    ],
    recipes: Annotated[
        Path, typer.Argument(metavar="RECIPES", help="Recipes' vectors, joined by ids, else row by row.")
    ],
    ids: Annotated[
        Path | None,
        typer.Option(help="Text file, an id for each row: rows are pairs, whatever ids the files tell."),
    ] = None,
    pools: Pools = POOLS,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    as_json: AsJson = False,
) -> None:
    """Score anyone's embeddings by the protocol of the papers; vectors are scaled to unit length.

    Of files that `seje embed` wrote, a photo and a recipe of one id are a pair, or a photo whose file has the
    recipe's id as its name. With --json, the ranks of each pair come under its id.

    [bold]seje score images.npy recipes.npy --pools 1000,10000[/bold]

    [bold]seje score photos.parquet recipes.parquet --json[/bold]
    """
    from rich.console import Console

    from seje.cli.tables import retrieval_table
    from seje.results import scoring
    from seje.retrieval.protocol import rank_pools

    sizes = pool_sizes(pools)
    of_images, of_recipes, names = scoring.read_pairs(images, recipes, ids)
    ranked = rank_pools(of_images, of_recipes, sizes, draws, seed)
    results = scoring.score(ranked)
    if not as_json:
        Console().print(retrieval_table(results))
        return
    found = {"ranks": scoring.ranks_by_id(ranked[len(of_images)][0], names)} if names else {}
    echo_json(results | found)
