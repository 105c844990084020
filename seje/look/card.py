"""A recipe or photo as HTML: the cards of the search page (web/page/answers.js) in a page without scripts."""

import base64
from collections.abc import Container, Sequence
from html import escape
from typing import NamedTuple

UNTITLED = "A photo without a recipe"


class Card(NamedTuple):
    """A recipe, a photo, or a recipe with its photo.

    Args:
        title: empty for a photo without a recipe.
        jpeg: the photo; None: there is none.
        terms: key terms, heaviest first.
        category: empty where there is none to tell.
        cosine: how near it is to what was asked; None for what was asked itself.
    """

    title: str
    jpeg: bytes | None
    terms: Sequence[str]
    category: str
    cosine: float | None = None


def item(card: Card, kind: str = "", tag: str = "", bold: Container[str] = ()) -> str:
    """Make the item of a list: a card of a kind (its class), a word above its title, some terms bold."""
    picture = "No photo"
    if card.jpeg:
        data = base64.b64encode(card.jpeg).decode("ascii")
        picture = f'<img alt="" src="data:image/jpeg;base64,{data}">'
    above = f'<span class="tag">{escape(tag)}</span>' if tag else ""
    terms = ", ".join(f"<b>{escape(term)}</b>" if term in bold else escape(term) for term in card.terms)
    texts = above + _written("strong", "title", escape(card.title or UNTITLED))
    texts += _written("span", "terms", terms)
    texts += _written("span", "category", escape(card.category)) if card.category else ""
    return (
        f'<li><div class="{f"card {kind}".strip()}"><div class="hit"><span class="picture">{picture}</span>'
        f'<span class="text">{texts}</span></div>{_near(card.cosine)}</div></li>\n'
    )


def _written(name: str, kind: str, html: str) -> str:
    """A text in any script, in its own direction."""
    return f'<{name} dir="auto" class="{kind}">{html}</{name}>'


def _near(cosine: float | None) -> str:
    """A bar for people; behind it the number."""
    if cosine is None:
        return ""
    share = round(100 * min(1, max(0, cosine)))
    return (
        f'<details class="near"><summary><span class="unseen">How near: {share} of 100</span>'
        f'<span class="bar"><span style="width: {share}%"></span></span></summary>'
        f"<p>Cosine {cosine:.3f}: 1 is the same.</p></details>"
    )
