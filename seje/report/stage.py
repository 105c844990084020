"""Stage `report`: what the stage `evaluation` wrote, as a page for people."""

from pathlib import Path
from typing import Any

from PIL import Image

from seje.look.card import Card
from seje.photos.decoding import encode
from seje.photos.store import Photos
from seje.report.charts import chart
from seje.report.page import Query, page
from seje.retrieval.names import DIRECTIONS, RECALLS
from seje.workspace import files, paths, rated_terms

SIDE = 176  # shorter side of a photo in the page, in pixels: that of a card
HEADINGS = dict(zip(DIRECTIONS, ("Recipes for a photo", "Photos for a recipe"), strict=True))


def run() -> None:
    """Write the page from the files of earlier stages: same files, same bytes."""
    results = _read(paths.metrics("evaluation"), "evaluation")
    cards = _Cards()
    rows = files.read_table(paths.Evaluation.GALLERY, "evaluation").to_pylist()
    galleries = [
        (heading, [_query(row, way, cards) for row in rows if row["direction"] == way])
        for way, heading in HEADINGS.items()
    ]
    with files.atomic(paths.Report.PAGE) as part:
        part.write_text(page(results, _charts(), galleries), encoding="utf-8")


def _charts() -> list[tuple[str, str]]:
    recall, pools = (_read(path, "evaluation") for path in (paths.Evaluation.RECALL, paths.Evaluation.POOLS))
    epochs = _read(paths.Joint.EPOCHS, "joint")
    return [
        ("Recall at k, whole test set", chart(recall, "k", DIRECTIONS, "recall", logarithmic=True)),
        ("Median rank against the size of the pool", chart(pools, "pool", DIRECTIONS, "MedR")),
        ("Training loss per epoch", chart(epochs, "epoch", ["loss"], "loss")),
        ("Validation recall per epoch", chart(epochs, "epoch", RECALLS, "recall")),
    ]


class _Cards:
    """Recipes and photos as the gallery shows them, by their rows."""

    def __init__(self) -> None:
        self.titles = files.read_table(paths.Corpus.RECIPES, "corpus", ["title"])["title"]
        self.photos = Photos(files.need(paths.Images.PHOTOS, "images"))

    def recipe(self, row: int, photo: int | None, category: str, cosine: float | None = None) -> Card:
        """A recipe with its heaviest key terms, and with a photo, if one is given."""
        terms = rated_terms.spelled(rated_terms.heaviest_terms(row)[: rated_terms.MAIN])
        jpeg = None if photo is None else self._jpeg(photo)
        return Card(self.titles[row].as_py(), jpeg, terms, category, cosine)

    def _jpeg(self, photo: int) -> bytes:
        image = Image.fromarray(self.photos.decode(photo))
        image.thumbnail((2 * SIDE, SIDE) if image.width > image.height else (SIDE, 2 * SIDE))
        return encode(image, 80)


def _query(row: dict[str, Any], way: str, cards: _Cards) -> Query:
    found = zip(*(row[name] for name in ("recipes", "photos", "categories", "cosines")), strict=True)
    answers = [cards.recipe(*answer) for answer in found]
    asked = cards.recipe(row["recipe"], row["photo"] if way == DIRECTIONS[0] else None, row["category"])
    right = row["recipes"].index(row["recipe"]) if row["recipe"] in row["recipes"] else None
    return Query(asked, answers, right, row["rank"])


def _read(path: Path, stage: str) -> Any:
    return files.read_json(path, stage)
