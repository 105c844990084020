"""The report's page: HTML with everything in it, for narrow and wide screens, light and dark."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from seje.report.rows import pool_label, rows
from seje.retrieval.names import METRICS, digits

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --right: #2e9e52; }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1rem;
  background: light-dark(#fff, #16181b); color: light-dark(#1c1e21, #e4e6e9); }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
h3 { font-size: .95rem; margin: 1rem 0 .4rem; }
p { max-width: 46rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; }
.baseline, .interval { opacity: .65; } .interval td { border-bottom: 0; }
.charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); }
figure { margin: 0; } figcaption { font-weight: 600; font-size: .9rem; } svg { width: 100%; height: auto; }
.query { display: grid; gap: .5rem; grid-template-columns: repeat(6, 1fr); margin-bottom: 1rem; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem; font-size: .8rem; min-width: 0;
  overflow-wrap: anywhere; }
.asked { background: var(--soft); } .right { border: 2px solid var(--right); }
.card img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: .3rem; display: block; }
.card small { display: block; opacity: .8; } .card strong { color: var(--right); }
@media (max-width: 60rem) { .query { grid-template-columns: repeat(3, 1fr); } }
@media (max-width: 30rem) { .query { grid-template-columns: repeat(2, 1fr); } body { padding: .6rem; }
  th, td { padding: .2rem .25rem; font-size: .8rem; white-space: normal; } }
"""


class Card(NamedTuple):
    """One thing in the gallery: a photo, a recipe, or a recipe with its photo."""

    title: str
    terms: Sequence[str]
    jpeg: bytes | None


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
    drawn = "".join(f"<figure><figcaption>{escape(name)}</figcaption>{svg}</figure>" for name, svg in charts)
    shown = "".join(
        f"<h2>{escape(heading)}</h2>{''.join(map(_query, queries))}" for heading, queries in galleries
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>seje: evaluation</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Retrieval among {results["test_pairs"]} test pairs</h1>
<p>Pools are drawn from the test partition; ranks start at 1, and ties count against the model. MedR is the
mean of the draws' medians, R@K the share of queries whose match is among the first K. Intervals are 95 %, by
the bootstrap over queries; they know nothing of other seeds of training.</p>
{_metrics(results)}
<h2>Curves</h2>
<div class="charts">{drawn}</div>
{shown}
</body>
</html>
"""


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
    head = "".join(f"<th>{name}</th>" for name in ("pool", "", *METRICS))
    return f'<div class="wide"><table><tr>{head}</tr>{"".join(lines)}</table></div>'


def _row(kind: str, pool: str, name: str, cells: Sequence[str]) -> str:
    inner = "".join(f"<td>{escape(cell)}</td>" for cell in (pool, name, *cells))
    return f'<tr class="{kind}">{inner}</tr>'


def _number(name: str, value: float) -> str:
    return f"{value:.{digits(name)}f}"


def _interval(name: str, ends: Mapping[str, float]) -> str:
    return f"{_number(name, ends['low'])} - {_number(name, ends['high'])}"


def _query(query: Query) -> str:
    shared = set(query.asked.terms)
    cards = [_card(query.asked, "asked", "query", shared)]
    for place, answer in enumerate(query.answers):
        right = place == query.right
        says = "<strong>&#10003; right</strong>" if right else f"{place + 1}"
        cards.append(_card(answer, "right" if right else "", says, shared))
    return f'<h3>Right answer at rank {query.rank}</h3><div class="query">{"".join(cards)}</div>'


def _card(card: Card, kind: str, says: str, shared: set[str]) -> str:
    picture = ""
    if card.jpeg:
        data = base64.b64encode(card.jpeg).decode("ascii")
        picture = f'<img alt="{escape(card.title)}" src="data:image/jpeg;base64,{data}">'
    terms = ", ".join(f"<b>{escape(t)}</b>" if t in shared else escape(t) for t in card.terms)
    return (
        f'<div class="card {kind}"><small>{says}</small>{picture}'
        f"<div>{escape(card.title)}</div><small>{terms}</small></div>"
    )
