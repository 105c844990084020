"""Stage `report`: what the stage `evaluation` wrote, as a page for people."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from seje.photos.decoding import encode
from seje.photos.store import Photos
from seje.report.charts import chart
from seje.report.page import Card, Query, page
from seje.workspace import files, paths

TERMS = 6  # heaviest key terms that are shown of a recipe
SIDE = 112  # shorter side of a photo in the page, in pixels
WAYS = ["image_to_recipe", "recipe_to_image"]
HEADINGS = {"image_to_recipe": "Recipes for a photo", "recipe_to_image": "Photos for a recipe"}


def run() -> None:
    """Write the page from the files of earlier stages: same files, same bytes."""
    results = _read(paths.metrics("evaluation"), "evaluation")
    cards = _Cards()
    rows = files.read_table(paths.Evaluation.GALLERY, "evaluation").to_pylist()
    galleries = [
        (HEADINGS[way], [_query(row, way, cards) for row in rows if row["direction"] == way]) for way in WAYS
    ]
    with files.atomic(paths.Report.PAGE) as part:
        part.write_text(page(results, _charts(), galleries), encoding="utf-8")


def _charts() -> list[tuple[str, str]]:
    recall, pools = (_read(path, "evaluation") for path in (paths.Evaluation.RECALL, paths.Evaluation.POOLS))
    epochs = _read(paths.Joint.EPOCHS, "joint")
    return [
        ("Recall at k, whole test set", chart(recall, "k", WAYS, "recall", logarithmic=True)),
        ("Median rank against the size of the pool", chart(pools, "pool", WAYS, "MedR")),
        ("Training loss per epoch", chart(epochs, "epoch", ["loss"], "loss")),
        ("Validation recall per epoch", chart(epochs, "epoch", ["R@1", "R@5", "R@10"], "recall")),
    ]


class _Cards:
    """Recipes and photos as the gallery shows them, by their rows."""

    def __init__(self) -> None:
        self.titles = files.read_table(paths.Corpus.RECIPES, "corpus", ["title"])["title"]
        self.scores = files.read_table(paths.Ranking.SCORES, "ranking", ["terms", "scores"])
        self.photos = Photos(files.need(paths.Images.PHOTOS, "images"))

    def recipe(self, row: int, photo: int | None) -> Card:
        """A recipe with its heaviest key terms, and with a photo, if one is given."""
        terms, scores = (self.scores[name][row].as_py() for name in ("terms", "scores"))
        heaviest = [
            terms[place].replace("_", " ") for place in np.argsort(scores, kind="stable")[::-1][:TERMS]
        ]
        return Card(self.titles[row].as_py(), heaviest, None if photo is None else self._jpeg(photo))

    def _jpeg(self, photo: int) -> bytes:
        image = Image.fromarray(self.photos.decode(photo))
        image.thumbnail((2 * SIDE, SIDE) if image.width > image.height else (SIDE, 2 * SIDE))
        return encode(image, 80)


def _query(row: dict[str, Any], way: str, cards: _Cards) -> Query:
    pairs = zip(row["recipes"], row["photos"], strict=True)
    answers = [cards.recipe(recipe, photo) for recipe, photo in pairs]
    asked = cards.recipe(row["recipe"], row["photo"] if way == "image_to_recipe" else None)
    right = row["recipes"].index(row["recipe"]) if row["recipe"] in row["recipes"] else None
    return Query(asked, answers, right, row["rank"])


def _read(path: Path, stage: str) -> Any:
    return files.read_json(path, stage)
