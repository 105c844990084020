"""What a search found, for people at a terminal of any width: the path of a photo is one whole line."""

from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

RANK, SCORE, GAP = 4, 6, 2  # widths in cells
LEFT = RANK + GAP + SCORE + GAP  # where the texts begin


def print_hits(console: Console, side: str, hits: Iterable[dict[str, Any]]) -> None:
    """Print hits, nearest first: title and key terms as wide as there is room, the path below them.

    A path has no frame and no break, so that it can be copied. It is set in where it fits so.
    """
    photo = "photo" if side == "photos" else "a photo of it"
    _print_row(console, "rank", "score", Text(f"title, main key terms, {photo}", style="dim"))
    for rank, hit in enumerate(hits, 1):
        _print_row(console, str(rank), f"{hit['score']:.3f}", Text(hit["title"], style="bold"))
        if hit["terms"]:
            _print_row(console, "", "", Text(", ".join(hit["terms"]), style="dim"))
        if path := hit["path"]:
            fits = LEFT + cell_len(path) <= console.width
            console.print(Text(LEFT * " " * fits + path), soft_wrap=True)


def _print_row(console: Console, rank: str, score: str, text: Text) -> None:
    row = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    row.add_column(width=RANK, justify="right")
    row.add_column(width=SCORE, justify="right")
    row.add_column(overflow="fold")
    row.add_row(rank, score, text)
    console.print(row)
