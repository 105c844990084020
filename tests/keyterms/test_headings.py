import pytest

from seje.keyterms.headings import body, headings, is_heading
from seje.text.tokens import tokens

HEADINGS = [
    "For the glaze:",
    "FOR THE DUMPLINGS",
    "For the broth and noodles",
    "For Frying",
    "For 4 people [double for 8]",
    "Batter:",
    "\u2063**For the batter**",
    "## Batter",
    "* Batter: *",
    "--- For the batter ---",
]
INGREDIENTS = [
    "2 leeks",
    "For the glaze: 1 egg",
    "for dusting: flour",
    "for the glaze 2 tbsp milk",
    "* 2 leeks",
    "- salt",
    "flour for the board",
    "*leeks",
    "#",
    "",
    "* * *",
]


@pytest.mark.parametrize("line", HEADINGS)
def test_headings_are_told_by_their_form(line: str) -> None:
    assert is_heading(tokens(line))


@pytest.mark.parametrize("line", INGREDIENTS)
def test_ingredients_are_no_headings(line: str) -> None:
    assert not is_heading(tokens(line))


def test_capitals_make_headings_among_lines_without() -> None:
    lines = [
        "DUMPLINGS",
        "2 EGGS",
        "1 cup flour",
        "PINCH OF SALT",
        "PEPPER TO TASTE",
        "LEEK & BEAN BROTH",
        *["leeks"] * 5,
    ]
    found = headings(lines, [tokens(line) for line in lines])
    assert [line for line, heading in zip(lines, found, strict=True) if heading] == [lines[0], lines[5]]
    assert not any(headings(lines[:2], [tokens(line) for line in lines[:2]]))


def test_ingredients_stand_behind_the_colon_of_their_purpose() -> None:
    assert body(tokens("For the glaze: 1 egg")) == 4
    assert body(tokens("1 egg: for the glaze")) == body(tokens("For the glaze:")) == body([]) == 0
