"""Leaks, as collections have them: a recipe or a photo of one partition comes again in another."""

import io

from PIL import Image

from seje.kitchen.broken import Record

RECIPE, COPY, SHARED = "copied recipe", "copied photo", "photo listed twice"
TEXT_LEAKS = (RECIPE,)
LEAKS = (RECIPE, COPY, SHARED)


def leak(made: Record, original: Record, kind: str) -> Record:
    """Give a record of its own what is the original's, in that kind's manner, in another partition."""
    made.layer1["partition"] = "test" if original.layer1["partition"] == "train" else "train"
    if kind == RECIPE:
        lines = [dict(line) for line in original.layer1["ingredients"]]
        lines[-1]["text"] += ", as you like"
        copied = {"title": original.layer1["title"].upper(), "ingredients": lines}
        made.layer1 |= copied | {"instructions": original.layer1["instructions"]}
        made.det_ingrs |= {name: original.det_ingrs[name] for name in ("valid", "ingredients")}
        return made
    name, photo = next(iter(original.photos.items()))
    mine = made.layer2["images"][0]
    if kind == COPY:
        made.photos[mine["id"]] = _encoded_again(photo)
    else:
        del made.photos[mine["id"]]
        mine["id"] = name
        made.photos[name] = photo
    return made


def _encoded_again(jpeg: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(jpeg)).save(buffer, "JPEG", quality=75)
    return buffer.getvalue()
