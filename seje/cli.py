"""The command line: one command per stage of dvc.yaml. What is heavy is imported inside the commands."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from seje.errors import SejeError
from seje.params import load


class _Commands(TyperGroup):
    """Shows a SejeError as one line on standard error and exits with 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SejeError as error:
            typer.echo(f"seje: {error}", err=True)
            raise typer.Exit(2) from error


class Layout(StrEnum):
    """How a table is printed."""

    table = "table"
    markdown = "markdown"
    csv = "csv"


app = typer.Typer(
    cls=_Commands,
    help="Find recipes by photo and photos by recipe. The stages run under `dvc repro`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

ParamsFile = Annotated[Path, typer.Option("--params", help="The file of hyperparameters.")]
PARAMS = Path("params.yaml")


@app.command()
def kitchen(params: ParamsFile = PARAMS) -> None:
    """Make the embedded data set: recipes and drawn photos in Recipe1M's layout."""
    from seje.stages import kitchen

    kitchen.run(load(params).kitchen)


@app.command()
def corpus(params: ParamsFile = PARAMS) -> None:
    """Read the recipes of corpus.source, keep the good ones, set the rest aside with a reason."""
    from seje.stages import corpus

    corpus.run(load(params).corpus)


@app.command()
def images(params: ParamsFile = PARAMS) -> None:
    """Decode every photo once, shrink it, and pack all into one memory-mapped file."""
    from seje.stages import images

    sections = load(params)
    images.run(sections.images, sections.corpus)


@app.command()
def word2vec(params: ParamsFile = PARAMS) -> None:
    """Train skip-gram word vectors on the train partition."""
    from seje.stages import word2vec

    word2vec.run(load(params).word2vec)


@app.command()
def keyterms(params: ParamsFile = PARAMS) -> None:
    """Train the ingredient tagger; find ingredients, actions and utensils of every recipe."""
    from seje.stages import keyterms

    keyterms.run(load(params).keyterms)


@app.command()
def ranking(params: ParamsFile = PARAMS) -> None:
    """Rate the key terms and form the weighted term feature of every recipe."""
    from seje.stages import ranking

    ranking.run(load(params).ranking)


@app.command()
def instructions(params: ParamsFile = PARAMS) -> None:
    """Train the sentence encoder; a vector for every instruction."""
    from seje.stages import instructions

    instructions.run(load(params).instructions)


@app.command()
def categories(params: ParamsFile = PARAMS) -> None:
    """Find recipe categories, train the photo classifier, compute the photos' features."""
    from seje.stages import categories

    categories.run(load(params).categories)


@app.command()
def joint(params: ParamsFile = PARAMS) -> None:
    """Train the joint embedding of recipes and photos."""
    from seje.stages import joint

    sections = load(params)
    joint.run(sections.joint, sections.loss)


@app.command()
def evaluation(params: ParamsFile = PARAMS) -> None:
    """Measure retrieval on the test partition, in both directions."""
    from seje.stages import evaluation

    evaluation.run(load(params).evaluation)


@app.command()
def index(params: ParamsFile = PARAMS) -> None:
    """Embed recipes and photos for search."""
    from seje.stages import index

    index.run(load(params).index)


@app.command()
def tag(
    lines: Annotated[
        list[str] | None, typer.Argument(help="Ingredient lines; without any, standard input is read.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Find the ingredient in ingredient lines: its words, the quantity beside it, whether to trust it.

    [bold]seje tag "2 cups red wine" "5 dried, pitted dates"[/bold]

    [bold]seje tag --json < lines.txt[/bold]
    """
    import json
    import sys

    from rich.console import Console

    from seje import asking
    from seje.tables import tagged_table
    from seje.text.extractor import tagged_lines

    if not lines and sys.stdin.isatty():
        raise SejeError("tag: no lines: give them as arguments, or through standard input")
    given = lines or (line.rstrip("\r\n") for line in sys.stdin)
    found = tagged_lines(asking.extractor(), given)
    if as_json:
        for line in found:
            typer.echo(json.dumps(line, ensure_ascii=False))
    else:
        Console().print(tagged_table(found))


@app.command()
def explain(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE_ID", help="The id of a recipe of the corpus.")],
    params: ParamsFile = PARAMS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Show the key terms of a recipe, and their scores under each ranking method.

    [bold]seje explain 000960ab6f[/bold]
    """
    import json

    from rich.console import Console

    from seje.explain import explain_recipe
    from seje.tables import explanation_table

    found = explain_recipe(recipe, load(params).ranking)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    Console().print(explanation_table(found))
    for method, reason in found["left_out"].items():
        typer.echo(f"{method} is left out: {reason}", err=True)


@app.command()
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
    params: ParamsFile = PARAMS,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list, for programs.")] = False,
    sheet: Annotated[
        Path | None, typer.Option("--open", help="Write a contact sheet to this PNG, and show it.")
    ] = None,
) -> None:
    """Find recipes and photos by a photo, a recipe, ingredients or words.

    [bold]seje search dinner.jpg[/bold]

    [bold]seje search "greek yogurt with walnuts" --ingredients "honey, figs"[/bold]

    [bold]seje search --plus "chicken pizza" --minus pizza --plus salad[/bold]
    """
    import json
    import sys

    from rich.console import Console

    from seje import files, query
    from seje.tables import hits_table

    given = query.Given(asked, recipe, ingredients, plus or [], minus or [])
    sections = load(params)
    found = query.run(given, sections, side, k, category)
    if sheet:
        with files.atomic(sheet) as part:
            found.sheet().save(part, "PNG")
        if sys.stdout.isatty():
            typer.launch(str(sheet))
    if as_json:
        typer.echo(json.dumps(found.hits, ensure_ascii=False))
    else:
        Console().print(hits_table(found.side, found.hits))


@app.command()
def embed(
    folder: Annotated[Path, typer.Argument(help="A folder of photos; those in folders of it count too.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The .npy file to write; the names go beside it.")],
    params: ParamsFile = PARAMS,
) -> None:
    """Embed all photos of a folder: a row each in OUT.npy, and their paths, in that order, in OUT.txt."""
    from seje import query

    written, bad = query.embed_folder(folder, out, load(params))
    for path, reason in bad:
        typer.echo(f"left out: {path}: {reason}", err=True)
    typer.echo(f"{written} photos embedded, {len(bad)} left out: {out}, {out.with_suffix('.txt')}")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="The folder to write recipe.onnx and image.onnx to.")],
) -> None:
    """Write both towers as ONNX, and check that they give what PyTorch gives."""
    from seje import inputs
    from seje.joint.onnx import export_towers

    for name, difference in export_towers(inputs.joint_model(), out).items():
        typer.echo(f"{out / name}: at most {difference:.1e} from PyTorch")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(envvar="SEJE_TOKEN", help="What clients must know; needed beyond this machine."),
    ] = None,
    params: ParamsFile = PARAMS,
) -> None:
    """Serve the search page and its REST interface.

    [bold]seje serve[/bold], then open http://127.0.0.1:8000
    """
    from seje.web import server

    server.serve(load(params), host, port, token)


@app.command()
def ablation(
    experiments: Annotated[Path, typer.Option(help="The file of the rows.")] = Path("experiments.yaml"),
    queue: Annotated[bool, typer.Option("--queue", help="Queue what is not done, print names.")] = False,
    layout: Annotated[Layout, typer.Option("--format", help="How to print the table.")] = Layout.table,
) -> None:
    """Show the ablation table from DVC's experiments of this commit; `make ablation` runs them.

    [bold]seje ablation --format markdown[/bold]

    [bold]seje ablation --queue && dvc exp run --run-all -j 2[/bold]
    """
    import csv
    import sys

    from rich.console import Console

    from seje import ablation, tables

    rows = ablation.read(experiments)
    if queue:
        for name in ablation.queue(rows):
            typer.echo(name)
        return
    found = ablation.table(rows)
    if layout is Layout.csv:
        columns = dict.fromkeys(key for row in found for key in row)
        writer = csv.DictWriter(sys.stdout, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    elif layout is Layout.markdown:
        typer.echo(tables.ablation_markdown(found))
    else:
        Console().print(tables.ablation_table(found))


@app.command()
def metrics() -> None:
    """Print the retrieval metrics of the last evaluation as a table."""
    import json

    from rich.console import Console

    from seje import files, paths
    from seje.tables import retrieval_table

    found = json.loads(files.need(paths.metrics("evaluation"), "evaluation").read_text(encoding="utf-8"))
    Console().print(retrieval_table(found))


@app.command()
def audit(
    params: ParamsFile = PARAMS,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with all groups.")] = False,
) -> None:
    """Show what is wrong with the corpus: recipes and photos that come twice, leaks between partitions."""
    import json

    from rich.console import Console

    from seje import audit
    from seje.tables import audit_tables

    found = audit.audit(Path(load(params).corpus.source))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for table in audit_tables(found):
        Console().print(table)


@app.command()
def report() -> None:
    """Write the report of the last evaluation again: one HTML file that needs nothing else."""
    from seje.report.writing import write_report

    typer.echo(write_report())


@app.command()
def score(
    images: Annotated[
        Path, typer.Argument(metavar="IMAGES.npy", help="Photos' vectors, (pairs, dimensions).")
    ],
    recipes: Annotated[Path, typer.Argument(metavar="RECIPES.npy", help="Recipes' vectors, row by row.")],
    ids: Annotated[
        Path | None, typer.Option(help="Text file, the pairs' ids; --json gives their ranks.")
    ] = None,
    pools: Annotated[str, typer.Option(help="Pool sizes; the whole set comes with them.")] = "1000,10000",
    draws: Annotated[int, typer.Option(min=1, help="Random draws of each pool.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1234,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Score anyone's embeddings by the protocol of the papers; vectors are scaled to unit length.

    [bold]seje score images.npy recipes.npy --pools 1000,10000[/bold]
    """
    import json

    from rich.console import Console

    from seje import scoring
    from seje.retrieval.protocol import rank_pools
    from seje.tables import retrieval_table

    sizes = [int(size) if size.strip().isdecimal() else 0 for size in pools.split(",")]
    if min(sizes) < 1:
        raise SejeError(f"score: --pools {pools}: give sizes from 1 on, with commas between, like 1000,10000")
    vectors = scoring.read_vectors(images, recipes)
    names = scoring.read_ids(ids, len(vectors[0])) if ids else []
    ranked = rank_pools(*vectors, sizes, draws, seed)
    results = scoring.score(ranked)
    if not as_json:
        Console().print(retrieval_table(results))
        return
    found = {"ranks": scoring.ranks_by_id(ranked[len(vectors[0])][0], names)} if names else {}
    typer.echo(json.dumps(results | found))
