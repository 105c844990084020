"""Tables for people: the retrieval metrics, as `make repro` prints them, tagged lines, and rated terms."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

COLUMNS = ("MedR", "R@1", "R@5", "R@10")
TAGGED = ("line", "entity", "quantity", "found")


def retrieval_table(results: dict[str, Any]) -> Table:
    """Lay out the results of the evaluation: both directions, then the baselines, for each pool."""
    table = Table(title=f"Retrieval among {results['test_pairs']} test pairs")
    table.add_column("pool", justify="right")
    table.add_column("")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for pool in (name for name, found in results.items() if _is_pool(found)):
        for direction, found in results[pool].items():
            table.add_row(pool, direction.replace("_", " "), *_cells(found))
        for baseline, pools in results["baselines"].items():
            name = "chance" if baseline == "chance" else f"{baseline} only"
            table.add_row(pool, name, *_cells(pools[pool]))
        table.add_section()
    return table


def tagged_table(found: Iterable[dict[str, Any]]) -> Table:
    """Lay out ingredient lines with what was found in them."""
    table = Table()
    for column in TAGGED:
        table.add_column(column, overflow="fold")
    for line in found:
        style = "" if line["valid"] else "yellow" if line["entity"] else "red"
        table.add_row(*(Text(str(line[column])) for column in TAGGED), style=style)
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


def hits_table(side: str, hits: Iterable[dict[str, Any]]) -> Table:
    """Lay out what a search found, nearest first."""
    table = Table()
    table.add_column("rank", justify="right")
    table.add_column("score", justify="right")
    for column in ("title", "main key terms", "photo" if side == "photos" else "a photo of it"):
        table.add_column(column, overflow="fold")
    for rank, hit in enumerate(hits, 1):
        words = hit["title"], ", ".join(hit["terms"]), hit["path"] or ""
        table.add_row(str(rank), f"{hit['score']:.3f}", *map(Text, words))
    return table


def _is_pool(found: Any) -> bool:
    return isinstance(found, dict) and "image_to_recipe" in found


def _cells(found: dict[str, float]) -> list[str]:
    return [f"{found['MedR']:.1f}", *(f"{found[column]:.3f}" for column in COLUMNS[1:])]
