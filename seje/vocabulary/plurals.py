"""Singular and plural of a word under one key, for comparing words; never for display."""

from functools import lru_cache

_KEEP = ("ss", "us", "is", "as")  # cress, asparagus, cassis: no plural
_SIBILANT = ("shes", "ches", "xes", "sses", "zes", "oes")


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return a key that `leaf` and `leaves`, `berry` and `berries`, `tomato` and `tomatoes` share."""
    if len(word) < 4:
        return word
    if word.endswith(_SIBILANT):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(_KEEP):
        word = word[:-1].rstrip("'") or word
    if word.endswith("ie"):
        return word[:-2] + "y"
    if word.endswith(("ve", "fe")):
        return word[:-2] + "v"
    return word[:-1] + "v" if word.endswith("f") else word
