from io import StringIO

from rich.console import Console

from seje.tables import retrieval_table


def test_the_table_has_a_row_for_each_direction_and_baseline():
    found = {"MedR": 3.0, "R@1": 0.25, "R@5": 0.5, "R@10": 0.75}
    ways = {"image_to_recipe": found, "recipe_to_image": found}
    ends = {name: {"std": 0.1, "low": value - 0.1, "high": value + 0.1} for name, value in found.items()}
    results = {
        "50": ways,
        "spread": {"50": {"image_to_recipe": ends, "recipe_to_image": ends}},
        "baselines": {"chance": {"50": found}, "category": {"50": found}, "cca": {"50": ways}},
        "test_pairs": 50,
    }
    console = Console(width=80, file=StringIO())
    console.print(retrieval_table(results))
    lines = console.file.getvalue().splitlines()
    for name in (
        " image to recipe ",
        " recipe to image ",
        "chance",
        "category only",
        "CCA, image to",
        "CCA, recipe to",
    ):
        (line,) = [line for line in lines if name in line]
        assert "3.0" in line and "0.250" in line and "0.750" in line
    assert sum("2.9-3.1" in line and "0.150-0.350" in line for line in lines) == 2
