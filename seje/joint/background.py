"""What pairs without a category are to training: the one place where `loss.background` decides."""

from typing import Any

from seje.joint.settings import Background

NONE = 0  # the category of pairs that have none


def categorised(categories: Any, background: Background) -> Any:
    """Mask in the shape of `categories`, of numpy or torch: the pair has a category.

    `ignore`: the background (0) is none, as nothing is known of these pairs. `class`: it is one as any other.
    """
    return (categories != NONE) | (background == "class")
