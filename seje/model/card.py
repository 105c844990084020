"""The model card: what a model is, what it was trained on, how well it does: for whoever meets the folder."""

import re
from collections.abc import Mapping
from typing import Any

from seje.retrieval.names import METRICS


def card(about: Mapping[str, Any], fingerprint: str, size: int, metrics: Mapping[str, Any]) -> str:
    """Write the card as Markdown with the header that model hubs read.

    Args:
        about: what model.json says of the model.
        fingerprint: the model's.
        size: bytes of the folder.
        metrics: what the stages `corpus`, `images` and `joint` measured.
    """
    joint = metrics["joint"]
    of = metrics["corpus"]["recipes"]
    val = joint["val"]
    licence = about["licence"] or "not stated"
    recipes = ", ".join(f"{of[part]:,} {part}" for part in ("train", "val", "test"))
    rows = "".join(f"| {name} | {val[name]:.4g} |\n" for name in METRICS)
    return f"""---
library_name: seje
license: {about["licence"] or "other"}
tags: [cross-modal-retrieval, recipes, joint-embedding]
---

# A seje model

Embeds recipes and photos of dishes in one space of {about["dimensions"]} dimensions: near is alike. It
follows SEJE (Efficient Deep Feature Calibration for Cross-Modal Joint Embedding Learning). Fingerprint
`{fingerprint}`, {size / 1e6:.1f} MB, licence of the weights: {licence}. The folder holds data alone, no code
and no pickle.

    import seje

    model = seje.load("this/folder")
    photos = model.embed_photos(["dinner.jpg"])
    recipes = model.embed_recipes(["Greek salad", {{"title": "Soup", "ingredients": ["1 onion"]}}])
    model.similarity(photos, recipes)

## Trained on

`{about["source"]}`: {recipes} recipes, {metrics["images"]["photos"]["all"]:,} photos;
{joint["train_pairs"]:,} pairs of a recipe and its photos trained the joint embedding. Nothing of the test
partition was seen in training or in any choice.

## How good it is

On the {joint["val_pairs"]:,} validation pairs of the same collection, by which the epoch was chosen; means of
both directions. Figures on the test partition, and what they are to be read beside, are in the repository's
`metrics/evaluation.json`. How it does on another collection, `seje evaluate` tells.

| measure | value |
|---|---|
{rows}
## Meant for

Finding recipes by a photo and photos by a recipe, of dishes like those it was trained on, with text in
English. It tells neither allergens nor nutrients, and what it finds may be another dish that looks alike.
"""


def trained_on(text: str) -> str:
    """Read from a card what the model was trained on, as one line; empty where the card does not say."""
    found = re.search(r"^## Trained on\n+(.+?)(?=\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join(found[1].split()).replace("`", "") if found else ""
