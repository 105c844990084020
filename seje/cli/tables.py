"""Tables for people: the retrieval metrics, as `make repro` prints them, tagged lines, changed parameters."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from seje.report.rows import pool_label, rows
from seje.retrieval.names import METRICS, digits

COMPARED = ("MedR", "R@10")  # in an ablation
ABLATION_NOTE = (
    "Differences with 95 % intervals, paired bootstrap over queries and seeds; not told apart: 0 is in the "
    "interval. Of twenty rows that do not differ, about one is told apart by chance."
)
LEAKS_SHOWN = 20
TAGGED = ("line", "entity", "joined", "quantity", "found")


def retrieval_table(results: dict[str, Any], among: str = "test pairs") -> Table:
    """Lay out the results of an evaluation, as `report.rows` names them, for each pool."""
    table = Table(title=f"Retrieval among {results['test_pairs']} {among}")
    table.add_column("pool", justify="right")
    table.add_column("", overflow="fold")
    for column in METRICS:
        table.add_column(column, justify="right")
    for pool in results["pools"]:
        for row in rows(results, pool):
            style = "dim" if row.baseline else ""
            table.add_row(pool_label(results, pool), row.name, *_cells(row.found), style=style)
            if row.ends:
                table.add_row("", "95 % interval", *_interval(row.ends), style="dim")
        table.add_section()
    return table


def changes_table(found: Mapping[str, tuple[str, str]]) -> Table:
    """Lay out hyperparameters with their values before and after."""
    table = Table(title=f"params.yaml: {len(found)} values changed")
    for column in ("key", "before", "after"):
        table.add_column(column, overflow="fold")
    for key, (before, after) in found.items():
        table.add_row(*map(Text, (key, before, after)))
    return table


def tagged_table(found: Iterable[dict[str, Any]]) -> Table:
    """Lay out ingredient lines with what was found in them."""
    table = Table()
    for column in TAGGED:
        table.add_column(column, overflow="fold")
    for line in found:
        style = "" if line["valid"] else "yellow" if line["entity"] else "red"
        cells = line | {"joined": ", ".join(line["joined"])}
        table.add_row(*(Text(str(cells[column])) for column in TAGGED), style=style)
    return table


def explanation_table(found: dict[str, Any]) -> Table:
    """Lay out a recipe's key terms with the scores of each method, as `explain_recipe` found them."""
    methods = [method for method in ("tfidf", "textrank", "bert") if method not in found["left_out"]]
    table = Table(title=Text(f"{found['id']}  {found['title']}"))
    for column in ("term", "kind", "fields"):
        table.add_column(column, overflow="fold")
    for column in ("times", *methods):
        table.add_column(column, justify="right")
    for term in found["terms"]:
        words = term["term"], ", ".join(term["kinds"]), ", ".join(term["fields"]), str(term["occurrences"])
        table.add_row(*map(Text, words), *(f"{term[method]:.3f}" for method in methods))
    return table


def ablation_table(rows: list[dict[str, Any]], partition: str) -> Table:
    """Lay out the rows of an ablation, as `ablation.table` found them on a partition."""
    table = Table(title=_ablation_title(rows, partition), caption=ABLATION_NOTE)
    for number, cells in enumerate(ablation_cells(rows)):
        if number:
            table.add_row(*cells)
        else:
            for name in cells:
                table.add_column(name, justify="left" if name == "row" else "right", overflow="fold")
    return table


def ablation_markdown(rows: list[dict[str, Any]], partition: str) -> str:
    """The same table as Markdown."""
    head, *body = ablation_cells(rows)
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{_ablation_title(rows, partition)}\n\n{table}\n\n{ABLATION_NOTE}"


def ablation_cells(rows: list[dict[str, Any]]) -> list[list[str]]:
    """The head and the rows of an ablation as text: measures to 3 digits, MedR to 1."""
    first = rows[0]["row"]
    table = [["row", "seeds", *METRICS, *(f"{name} - {first}" for name in COMPARED)]]
    for row in rows:
        cells = [row["row"], str(row["seeds"])]
        for name in METRICS:
            places = digits(name)
            cells.append(f"{row[name]:.{places}f} ± {row[name + ' std']:.{places}f}" if name in row else "")
        table.append(cells + [_difference(row, name) for name in COMPARED])
    return table


def _ablation_title(rows: list[dict[str, Any]], partition: str) -> str:
    pairs = max((row["pairs"] for row in rows if "pairs" in row), default=0)
    return (
        f"Ablation among {pairs} {partition} pairs: both directions, mean and standard deviation over seeds"
    )


def _difference(row: dict[str, Any], name: str) -> str:
    """A difference to the first row with its interval, and in words whether it is one."""
    if f"{name} diff" not in row:
        return ""
    places = digits(name)
    difference, low, high = (row[f"{name} {part}"] for part in ("diff", "low", "high"))
    ends = f"{difference:+.{places}f} ({low:+.{places}f} to {high:+.{places}f})"
    if row["shared seeds"] < 2:
        return f"{ends}, one seed"
    if low <= 0 <= high:
        return f"{ends}, not told apart"
    return f"{ends}, {'better' if (difference < 0) == (name == 'MedR') else 'worse'}"


def comparison_table(partition: str, found: dict[str, Any]) -> Table:
    """Lay out the differences of two models on a partition, as `results.compare` found them."""
    table = Table(
        title=f"A less B among {found['pairs']} {'' if partition == 'all' else f'{partition} '}pairs",
        caption="95 % intervals, paired bootstrap over queries; not told apart: 0 is in the interval.",
    )
    for column in ("", "measure", "A", "B", "A - B", "95 % interval", ""):
        table.add_column(column, justify="right" if column else "left")
    for way, measures in found["differences"].items():
        for row, (name, of) in enumerate(measures.items()):
            called = "" if row else way.replace("_", " ")
            places = digits(name)
            values = (f"{of['a']:.{places}f}", f"{of['b']:.{places}f}", f"{of['difference']:+.{places}f}")
            ends = f"{of['low']:+.{places}f} to {of['high']:+.{places}f}"
            better = "A better" if (of["difference"] < 0) == (name == "MedR") else "B better"
            table.add_row(called, name, *values, ends, better if of["differs"] else "not told apart")
        table.add_section()
    return table


def audit_tables(found: dict[str, Any]) -> list[Table]:
    """Lay out an audit: the counts, and the first groups that lie in more than one partition."""
    counts = Table("", title="Audit of the corpus")
    counts.add_column("count", justify="right")
    for name, of in found["counts"].items():
        each = of if isinstance(of, dict) else {"all": of}
        counts.add_row(name.replace("_", " "), str(each.get("all", "")))
        for part, count in each.items():
            if part != "all":
                counts.add_row(f"  {part.replace('_', ' ')}", str(count))
        counts.add_section()
    across = {kind: list(filter(_leaks, found[kind])) for kind in ("recipes", "photos")}
    return [counts, *(_leak_table(kind, groups) for kind, groups in across.items() if groups)]


def _leaks(group: list[dict[str, Any]]) -> bool:
    return len({one["partition"] for one in group}) > 1


def _leak_table(kind: str, across: list[list[dict[str, Any]]]) -> Table:
    table = Table(title=f"{kind.capitalize()} in more than one partition: {len(across)} groups")
    for column in ("partition", "id" if kind == "recipes" else "photo", "title"):
        table.add_column(column, overflow="fold")
    for group in across[:LEAKS_SHOWN]:
        for one in group:
            table.add_row(*map(Text, (one["partition"], one.get("photo", one.get("id")), one["title"])))
        table.add_section()
    if len(across) > LEAKS_SHOWN:
        table.caption = f"the first {LEAKS_SHOWN}; all of them: seje audit --json"
    return table


def _interval(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    return [
        f"{found[name]['low']:.{digits(name)}f}-{found[name]['high']:.{digits(name)}f}" for name in METRICS
    ]


def _cells(found: Mapping[str, float]) -> list[str]:
    return [f"{found[name]:.{digits(name)}f}" for name in METRICS]
