from seje.data.recipe_text import recipe_text

RECIPE = "Toast", ["bread", "butter"], ["Toast it."]


def test_a_recipe_in_one_text():
    assert recipe_text(*RECIPE) == "Toast\nbread\nbutter\nToast it."


def test_a_title_that_counts_more_times():
    assert recipe_text(*RECIPE, titles=3) == "Toast\nToast\nToast\nbread\nbutter\nToast it."
    assert recipe_text("", [], []) == ""
