"""A contact sheet: the answers to a search as one page of cards that needs nothing else."""

from collections.abc import Callable
from html import escape

from seje.look.card import Card, item
from seje.look.document import document
from seje.search.nearest import Hit, Hits


def contact_sheet(asked: str, hits: Hits, photo: Callable[[Hit], bytes], no_category: str) -> str:
    """Lay out the hits of a search as HTML.

    Args:
        asked: the question as a line.
        hits: what was found, and what is to be said of the question.
        photo: gives the photo of a hit that has one, as JPEG.
        no_category: the name that stands for no category.
    """
    notes = [f"Not known: {', '.join(hits.unknown)}."] if hits.unknown else []
    notes += [doubt.reason for doubt in hits.doubts]
    said = [f'<p class="note" dir="auto">{escape(note)}</p>\n' for note in notes]
    cards = (
        item(_card(hit, photo(hit) if hit["photo"] else None, no_category), tag=str(rank))
        for rank, hit in enumerate(hits, 1)
    )
    return document(
        asked, [f'<h1 dir="auto">{escape(asked)}</h1>\n', *said, '<ol class="cards">\n', *cards, "</ol>"]
    )


def _card(hit: Hit, jpeg: bytes | None, no_category: str) -> Card:
    category = "" if hit["category"] == no_category else hit["category"]
    return Card(hit["title"], jpeg, hit["terms"], category, hit["score"])
