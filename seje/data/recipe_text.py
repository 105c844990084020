"""A recipe's text: which columns it is in, and all of it as one string."""

from collections.abc import Sequence

TEXT = ["title", "ingredients", "instructions"]


def recipe_text(title: str, ingredients: Sequence[str], instructions: Sequence[str], titles: int = 1) -> str:
    """Put a recipe into one text, a line each, the title first and `titles` times.

    What is too long for an encoder is cut at the end.
    """
    return "\n".join([*[title] * titles, *ingredients, *instructions])
