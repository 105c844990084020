import pytest

from seje.keyterms import weak_labels
from seje.text.tokens import tokens

TEXT = [
    "Stew",
    "Heat the oil. Add onion, garlic, parsley, beef and wine vinegar, tartar cream, clove. Salt it.",
]


@pytest.mark.parametrize(
    ("line", "entity"),
    [
        ("1/2 cup extra-virgin olive oil, divided", "extra-virgin olive oil"),
        ("1 large yellow onion, finely chopped", "yellow onion"),
        ("4 cloves garlic, minced", "garlic"),
        ("1 (14 ounce) can lean ground beef", "lean ground beef"),
        ("2 tbsp. freshly chopped parsley", "parsley"),
        ("1 tsp cream of tartar", "cream of tartar"),
        ("6 whole cloves", "whole cloves"),
        ("3 Tbsp red wine vinegar (or more)", "red wine vinegar"),
    ],
)
def test_the_noun_phrase_that_the_text_mentions_is_marked(line: str, entity: str) -> None:
    words = tokens(line)
    labels = weak_labels.label(words, weak_labels.mentions(TEXT))
    assert labels is not None
    assert [word for word, label in zip(words, labels, strict=True) if label] == entity.split()


def test_what_is_not_mentioned_is_not_marked() -> None:
    assert weak_labels.label(tokens("2 cups milk"), weak_labels.mentions(TEXT)) is None


@pytest.mark.parametrize("line", ["* * *", "2 cups", "", "to taste", "1 2 3"])
def test_lines_of_measures_and_signs_name_nothing(line: str) -> None:
    assert weak_labels.names_nothing(tokens(line))


@pytest.mark.parametrize("line", ["2 eggs", "Salt", "flour for dusting"])
def test_ingredients_are_something(line: str) -> None:
    assert not weak_labels.names_nothing(tokens(line))
