"""The report's page: HTML with everything in it, for narrow and wide screens, light and dark."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any, NamedTuple

from seje.look.card import Card, item
from seje.look.document import document
from seje.report.rows import pool_label, rows
from seje.retrieval.names import METRICS, digits

RIGHT = "\u2713 right"
INTRODUCTION = """
<p class="lead">Pools are drawn from the test partition; ranks start at 1, and ties count against the model.
MedR is the mean of the draws' medians, R@K the share of queries whose match is among the first K. Intervals
are 95 %, by the bootstrap over queries; they know nothing of other seeds of training.</p>
"""


class Query(NamedTuple):
    """A query, its nearest answers, which of them is right (None: none of them), and its rank."""

    asked: Card
    answers: Sequence[Card]
    right: int | None
    rank: int


def page(
    results: dict[str, Any],
    charts: Iterable[tuple[str, str]],
    galleries: Iterable[tuple[str, Sequence[Query]]],
) -> str:
    """Lay out the metrics, the charts (caption and SVG) and the galleries (heading and queries)."""
    title = f"Retrieval among {results['test_pairs']} test pairs"
    drawn = "".join(f"<figure><figcaption>{escape(name)}</figcaption>{svg}</figure>" for name, svg in charts)
    body = [f"<h1>{title}</h1>", INTRODUCTION, _metrics(results)]
    body.append(f'<h2>Curves</h2><div class="charts">{drawn}</div>')
    for heading, queries in galleries:
        body += [f"<h2>{escape(heading)}</h2>", *map(_query, queries)]
    return document(title, body, files("seje.report").joinpath("report.css").read_text("utf-8"))


def _metrics(results: dict[str, Any]) -> str:
    lines = []
    for pool in results["pools"]:
        label = pool_label(results, pool)
        for row in rows(results, pool):
            cells = [_number(name, row.found[name]) for name in METRICS]
            lines.append(_row("baseline" if row.baseline else "", label, row.name, cells))
            if row.ends:
                ends = [_interval(name, row.ends[name]) for name in METRICS]
                lines.append(_row("interval", "", "95 % interval", ends))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("pool", "ranking", *METRICS))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div class="wide" tabindex="0" role="region" aria-label="Measures">{table}</div>'


def _row(kind: str, pool: str, name: str, cells: Sequence[str]) -> str:
    inner = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr class="{kind}"><td>{escape(pool)}</td><th scope="row">{escape(name)}</th>{inner}</tr>'


def _number(name: str, value: float) -> str:
    return f"{value:.{digits(name)}f}"


def _interval(name: str, ends: Mapping[str, float]) -> str:
    return f"{_number(name, ends['low'])} - {_number(name, ends['high'])}"


def _query(query: Query) -> str:
    shared = set(query.asked.terms)
    cards = [item(query.asked, "asked", "Asked", shared)]
    for place, answer in enumerate(query.answers):
        kind, tag = ("right", RIGHT) if place == query.right else ("", str(place + 1))
        cards.append(item(answer, kind, tag, shared))
    title = f"Right answer at rank {query.rank}"
    strip = f'<ol class="strip" tabindex="0" aria-label="{title}">{"".join(cards)}</ol>'
    return f"<section><h3>{title}</h3>{strip}</section>"
