"""A contact sheet: the photos found, each with its rank, score and title, as one picture."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image, ImageDraw

ACROSS, SIDE, CAPTION = 5, 200, 34


def contact_sheet(hits: Sequence[dict[str, Any]], photo: Callable[[str], bytes]) -> Image.Image:
    """Lay out hits of a search; `photo` gives a photo's JPEG by its name."""
    down = -(-max(1, len(hits)) // ACROSS)
    sheet = Image.new("RGB", (ACROSS * SIDE, down * (SIDE + CAPTION)), "white")
    pen = ImageDraw.Draw(sheet)
    for place, hit in enumerate(hits):
        x, y = place % ACROSS * SIDE, place // ACROSS * (SIDE + CAPTION)
        if hit["photo"]:
            shown = Image.open(io.BytesIO(photo(hit["photo"])))
            scale = (SIDE - 8) / max(shown.size)
            size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
            sheet.paste(shown.resize(size, Image.Resampling.BICUBIC), (x + 4, y + 4))
        pen.text((x + 4, y + SIDE), f"{place + 1}  {hit['score']:.3f}\n{hit['title'][:32]}", fill="black")
    return sheet
