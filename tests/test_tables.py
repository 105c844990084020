from io import StringIO

from rich.console import Console

from seje.tables import retrieval_table


def test_the_table_has_a_row_for_each_direction_and_baseline():
    found = {"MedR": 3.0, "R@1": 0.25, "R@5": 0.5, "R@10": 0.75}
    results = {
        "50": {"image_to_recipe": found, "recipe_to_image": found},
        "baselines": {"chance": {"50": found}, "category": {"50": found}},
        "test_pairs": 50,
    }
    console = Console(width=80, file=StringIO())
    console.print(retrieval_table(results))
    lines = console.file.getvalue().splitlines()
    for name in ("image to recipe", "recipe to image", "chance", "category only"):
        (line,) = [line for line in lines if name in line]
        assert "3.0" in line and "0.250" in line and "0.750" in line
