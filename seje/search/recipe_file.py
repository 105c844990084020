"""Recipes that `seje embed` is given: a file of JSON Lines or a JSON array, a Parquet table, or layer1."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seje.corpus.json_records import Unread
from seje.corpus.layers import read_layer
from seje.model.recipe_encoder import RecipeText, recipe_of
from seje.search.batches import LeftOut

EXACT = 2**53  # numbers are read as floats: the digits of larger ones are lost


def recipes_in(path: Path, left_out: list[LeftOut]) -> Iterator[tuple[str, RecipeText]]:
    """Yield the records that can be read, each with its `id`, else with its place in the file, from 1 on.

    Raises SejeError where the file holds no records, or ends too early.
    """
    for place, record in enumerate(read_layer(path), 1):
        try:
            name, recipe = _id(record) or str(place), recipe_of(record)
            if not recipe:
                raise ValueError("holds no text")
        except ValueError as reason:
            left_out.append(LeftOut(f"record {place}", str(reason)))
        else:
            yield name, recipe


def _id(record: Any) -> str | None:
    if isinstance(record, Unread):
        raise ValueError(record.reason)
    known = record.get("id") if isinstance(record, dict) else None
    if isinstance(known, float) and known.is_integer() and abs(known) < EXACT:
        return str(int(known))
    if known is None or (isinstance(known, str) and known):
        return known
    raise ValueError("its id is neither a text nor a whole number")
