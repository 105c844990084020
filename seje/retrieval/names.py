"""What is measured of ranks, and in which directions: names that metrics, tables and charts share."""

CUTOFFS = (1, 5, 10)  # K of R@K
RECALLS = tuple(f"R@{cutoff}" for cutoff in CUTOFFS)
METRICS = ("MedR", *RECALLS)
DIRECTIONS = ("image_to_recipe", "recipe_to_image")


def digits(measure: str) -> int:
    """How many digits people are shown of a measure, behind the point."""
    return 1 if measure == "MedR" else 3
