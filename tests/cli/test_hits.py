"""A terminal of few columns: a path comes whole, in one line, whatever stands around it."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from seje.cli.hits import print_hits

FLAT = "pipeline/kitchen/recipe1m/images/train/8/d/a/d/8dad9fe54b.jpg"
PATHS = [
    FLAT,
    f"/media/somebody/photos of dishes, 2019 - 2024/{'very/' * 30}long/{FLAT}",
    "/home/\u05d3\u05d5\u05d3/\u05ea\u05de\u05d5\u05e0\u05d5\u05ea/" + "\u05de\u05e8\u05e7-" * 30 + ".jpg",
    "\u6599\u7406/" + "\u756a\u8304\u9e21\u86cb\u6c64" * 20 + ".jpg",
    "[bold]x[/bold]/https://a.b/c/1234567890.jpg",
]
TITLES = [
    "Tomato Soup",
    "Grandmother's slow-cooked tomato soup with roasted peppers, basil and croutons " * 3,
    "\u05de\u05e8\u05e7 \u05e2\u05d2\u05d1\u05e0\u05d9\u05d5\u05ea " * 20,
    "\u756a\u8304\u9e21\u86cb\u6c64" * 30,
    "[red]not red[/red]",
]


def printed(width, hits):
    console = Console(width=width, file=StringIO())
    print_hits(console, "photos", hits)
    return console.file.getvalue().splitlines()


def hit(title, path):
    return {"score": -0.123, "title": title, "terms": ["canned tomatoes", "egg"] * 3, "path": path}


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_path_is_one_line_and_nothing_else_is_wider_than_the_terminal(width):
    lines = printed(width, [hit(*of) for of in zip(TITLES, PATHS, strict=True)])
    others = [line for line in lines if line.strip() not in PATHS]
    assert [line.strip() for line in lines if line.strip() in PATHS] == PATHS
    assert max(map(cell_len, others)) <= width
    assert [line.startswith(" ") for line in lines if FLAT == line.strip()] == [width >= 80]
    text = "".join("".join(others).split())
    assert all("".join(title.split()) in text for title in TITLES)
    assert "\u2026" not in text and [line.split()[1] for line in others if "-0.123" in line] == ["-0.123"] * 5


def test_what_is_not_there_takes_no_line():
    lines = printed(80, [hit("Soup", None) | {"terms": []}])
    assert [line.split() for line in lines[1:]] == [["1", "-0.123", "Soup"]] and "rank" in lines[0]
