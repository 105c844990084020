from hypothesis import given, settings
from hypothesis import strategies as st

from seje.keyterms import pos
from seje.text.tokens import tokens


def of(text: str) -> tuple[set[str], set[str]]:
    tagged = pos.tag(tokens(text), imperative=True)
    return {word.lemma for word in tagged if pos.is_verb(word)}, {
        word.lemma for word in tagged if pos.is_noun(word)
    }


def test_verbs_and_nouns_of_imperatives() -> None:
    verbs, nouns = of("Fold the egg whites into the batter with a spatula.")
    assert "fold" in verbs
    assert {"batter", "spatula"} <= nouns
    assert not verbs & {"batter", "spatula", "egg"}


def test_words_that_are_nouns_elsewhere_are_orders_at_the_start() -> None:
    for text, verb in {
        "Heat the oil in a skillet.": "heat",
        "Mix flour and sugar.": "mix",
        "Drain.": "drain",
        "Season well; cover and place in the oven.": "cover",
        "In a bowl, mix the eggs.": "mix",
        "Microwave on high.": "microwave",
    }.items():
        assert verb in of(text)[0], text
    assert "season" in of("Season well.")[0]


def test_a_noun_before_an_auxiliary_stays_one() -> None:
    assert "water" not in of("Water should be boiling.")[0]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_tags(text: str) -> None:
    words = tokens(text)
    assert [tagged.word for tagged in pos.tag(words, imperative=True)] == words
    assert [tagged.word for tagged in pos.tag(words)] == words


def test_long_words_and_texts_are_quick() -> None:
    words = ["a" * 10_000, *["salt"] * 10_000]
    assert [tagged.word for tagged in pos.tag(words)] == words
