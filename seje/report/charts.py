"""Series as line charts: SVG to stand in a page, in the page's own colour of text."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

COLOURS = ("#3b82c4", "#d9722e", "#4c9a5b", "#a05ab0")  # to be told apart on white and on black
INK = "#010203"  # stands for the colour of the text, until the page gives it
STYLE: Any = {
    "font.size": 9,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "seje",  # the same bytes each time
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
}


def chart(
    rows: Sequence[Mapping[str, Any]], x: str, ys: Sequence[str], label: str, logarithmic: bool = False
) -> str:
    """Draw columns `ys` of some rows against column `x`; `label` names what the lines are of."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 3.0), layout="constrained")
        axes = figure.add_subplot()
        for y, colour in zip(ys, COLOURS, strict=False):
            values = [row[y] for row in rows]
            axes.plot([row[x] for row in rows], values, ".-", color=colour, label=y.replace("_", " "))
        axes.set(xlabel=x, ylabel=label, ylim=(0, None))
        if logarithmic:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.2)
        axes.legend(frameon=False, labelcolor=INK)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return _inline(buffer.getvalue())


def _inline(svg: str) -> str:
    """Keep the drawing alone: no size of its own, no metadata, no ids that nothing refers to."""
    body = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    body = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", body, count=1)
    body = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", body, count=1)
    wanted = set(re.findall(r"#([\w-]+)", body))
    body = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in wanted else "", body)
    return body.replace(INK, "currentColor")
