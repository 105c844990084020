"""Stage `kitchen`: the embedded data set, recipes with drawn photos and a labelled set of photos."""

import os

from seje.kitchen.dishes import DISHES
from seje.kitchen.ingredients import INGREDIENTS
from seje.kitchen.leaks import LEAKS
from seje.kitchen.raw_files import Shots, write_kitchen
from seje.kitchen.settings import KitchenSettings
from seje.kitchen.vocabulary import ACTIONS, TOOLS
from seje.workspace import files, paths


def run(kitchen: KitchenSettings) -> None:
    """Write the folder whole; planted.json in it tells how many records are broken, and how."""
    shots = Shots(kitchen.pixels, kitchen.labelled_train, kitchen.labelled_test) if kitchen.photos else None
    with files.atomic(paths.Kitchen.FOLDER) as part:
        summary = write_kitchen(
            part,
            kitchen.recipes,
            kitchen.broken,
            shots,
            kitchen.seed,
            os.cpu_count() or 1,
        )
    leaks = sum(summary.planted.get(kind, 0) for kind in LEAKS)
    files.write_json(
        paths.metrics("kitchen"),
        {
            "recipes": kitchen.recipes,
            "broken_records": sum(summary.planted.values()) - leaks,
            "leaks": leaks,
            "photos": summary.photos,
            "labelled_photos": summary.labelled_photos,
            "mean_ingredients": summary.mean_ingredients,
            "dishes": len(DISHES),
            "ingredients": len(INGREDIENTS),
            "actions": len(ACTIONS),
            "utensils": len(TOOLS),
        },
    )
