"""A page in one file that needs nothing else: it may be sent, kept and opened anywhere."""

from collections.abc import Iterable
from html import escape
from importlib.resources import files

LOOK = files("seje.look")


def document(title: str, body: Iterable[str], style: str = "") -> str:
    """Make a page with a title, a body of HTML, and a style beside the one that all pages share.

    No script runs in it, and it asks for nothing.
    """
    shared = "".join(LOOK.joinpath(name).read_text("utf-8") for name in ("base.css", "cards.css"))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>
{shared}{style}</style>
</head>
<body>
<main>
{"".join(body)}
</main>
</body>
</html>
"""
