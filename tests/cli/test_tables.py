from io import StringIO

from rich.console import Console

from seje.cli.tables import retrieval_table
from seje.report.rows import pool_label

FOUND = {"MedR": 3.0, "R@1": 0.25, "R@5": 0.5, "R@10": 0.75}
ENDS = {name: {"std": 0.1, "low": value - 0.1, "high": value + 0.1} for name, value in FOUND.items()}
WAYS = ("image_to_recipe", "recipe_to_image")
FIGURES = {"50": dict.fromkeys(WAYS, FOUND), "spread": {"50": dict.fromkeys(WAYS, ENDS)}}
ALIKE = {"50": FOUND}


def printed(**more: object) -> list[str]:
    baselines = {"chance": ALIKE, "category": ALIKE, "source": ALIKE, "cca": FIGURES, "cca_words": FIGURES}
    baselines |= {"embedder_title": FIGURES, "embedder_title_ingredients": FIGURES}
    results = {**FIGURES, "baselines": baselines, "test_pairs": 900}
    results["pools"] = {"50": {"candidates": 50, "pairs": 900, "draws": 10}}
    console = Console(width=120, file=StringIO())
    console.print(retrieval_table(results | more))
    return console.file.getvalue().splitlines()


def test_a_pool_is_named_with_the_pairs_that_it_is_drawn_from():
    pools = {"1k": {"candidates": 1000, "pairs": 51304}, "all": {"candidates": 51304, "pairs": 51304}}
    assert [pool_label({"pools": pools}, pool) for pool in pools] == ["1k of 51304", "all 51304"]


def test_the_table_has_a_row_for_each_direction_and_baseline():
    lines = printed()
    for name in (
        " image to recipe ",
        " recipe to image ",
        "chance",
        "true category, random within it",
        "true source, random within it",
        "CCA, same features, image to recipe",
        "CCA, all words, recipe to image",
        "embedder, title, image to recipe",
        "embedder, title and ingredients, recipe to image",
    ):
        (line,) = [line for line in lines if name in line and f", {name.strip()}" not in line]
        assert "3.0" in line and "0.250" in line and "0.750" in line
        assert "50 of 900" in line  # candidates, and the pairs that they are drawn from
    # Whatever is ranked has its interval; an expectation has none.
    assert sum("2.9-3.1" in line and "0.150-0.350" in line for line in lines) == 10


def test_the_model_told_less_has_rows_which_are_no_baselines():
    lines = printed(recipe_parts={"title": FIGURES, "no_instructions": FIGURES})
    assert sum("title alone, image to recipe" in line for line in lines) == 1
    assert sum("without instructions, recipe to image" in line for line in lines) == 1


def test_parts_of_the_model_and_retrieval_within_a_source_are_rows():
    lines = printed(parts={"linear": FIGURES, "trained": FIGURES, "both": FIGURES}, within_source=FIGURES)
    for name in ("linear part", "trained part", "both parts", "within its source"):
        assert sum(f"{name}, image to recipe" in line for line in lines) == 1
    assert not [line for line in lines if " image to recipe " in line and "," not in line]  # once, as both
