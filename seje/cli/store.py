"""Commands for a store of shards: verify, gc."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from seje.cli.app import PARAMS, ParamsFile, app
from seje.errors import SejeError

store = typer.Typer(no_args_is_help=True, help="Shards that lie in cluster.store, which DVC does not see.")
app.add_typer(store, name="store", rich_help_panel="Many machines")
DAYS = 14.0
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@store.command()
def verify(as_json: AsJson = False) -> None:
    """Read every shard that the pipeline's manifests name, and tell those that are missing or damaged.

    [bold]seje store verify[/bold]; exits with 1 where a shard is not what was written
    """
    from seje.shards import keeping
    from seje.workspace import paths

    named = list(keeping.manifests(paths.PIPELINE.glob("*/*.json")))
    found = list(chain.from_iterable(map(keeping.verify, named)))
    wrong = [verdict for verdict in found if verdict.wrong]
    if as_json:
        typer.echo(json.dumps({"shards": len(found), "wrong": [verdict._asdict() for verdict in wrong]}))
    elif not named:
        typer.echo("no manifest in pipeline/ names a store: nothing to verify")
    else:
        for verdict in wrong:
            typer.echo(f"{verdict.wrong}: {verdict.name}, {verdict.rows} rows")
        typer.echo(f"{len(found) - len(wrong)} of {len(found)} shards are whole")
    raise typer.Exit(1 if wrong else 0)


@store.command()
def gc(
    params: ParamsFile = PARAMS,
    days: Annotated[float, typer.Option(help="Keep what is younger: work that runs or was killed.")] = DAYS,
    force: Annotated[bool, typer.Option("--force", "-f", help="Do not ask.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: deletes with --force alone.")
    ] = False,
) -> None:
    """Delete shards in cluster.store that no manifest names, neither the pipeline's nor one in DVC's cache.

    [bold]seje store gc[/bold], after `dvc gc`, which forgets the manifests of old versions; not where others
    write to the same store: their manifests are not seen
    """
    from seje.shards import keeping
    from seje.workspace import paths
    from seje.workspace.params import load

    address = load(params).cluster.store
    if not address:
        raise SejeError(f"{params}: cluster.store is not set: there is nothing to collect")
    named = keeping.manifests(chain(paths.PIPELINE.glob("*/*.json"), _cached()))
    unused = keeping.garbage(address, named, days)
    if as_json:
        if force:
            keeping.delete(address, unused)
        typer.echo(json.dumps({"unused": unused.names, "bytes": unused.bytes, "deleted": force}))
        return
    told = f"{len(unused.names)} files, {unused.bytes / 1e6:,.1f} MB, that no manifest names"
    if not unused.names:
        typer.echo(f"{address}: nothing to delete")
    elif force or typer.confirm(f"{address}: delete {told}?"):
        keeping.delete(address, unused)
        typer.echo(f"{address}: deleted {told}")


def _cached() -> Iterator[Path]:
    """Yield the files in DVC's cache, wherever it is."""
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            yield from Path(repo.cache.local.path).glob("??/*")
    except NotDvcRepoError:
        return
