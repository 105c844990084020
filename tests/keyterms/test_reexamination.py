from hypothesis import given
from hypothesis import strategies as st

from seje.keyterms.reexamination import Mentions, known_entities, line_entity
from seje.keyterms.tagging import Verdict
from seje.text.tokens import tokens
from seje.vocabulary.lexicon import Lexicon

UNSURE = Verdict((), False)


def test_a_line_the_tagger_is_not_sure_of_takes_the_longest_known_entity() -> None:
    known = Lexicon(["dates", "pitted_dates", "dried"], tolerant=True)
    line = line_entity(tokens("5 dried, pitted dates"), UNSURE, known)
    assert (line.entity, line.places, line.found) == ("pitted_dates", (3, 4), "reexamined")


def test_a_valid_line_keeps_its_tagged_words() -> None:
    line = line_entity(tokens("1 cup red wine"), Verdict((2, 3), True), Lexicon(["wine"]))
    assert line == ("red_wine", (2, 3), "valid", ())


def test_measures_alone_are_no_entity() -> None:
    assert line_entity(tokens("2 cups"), Verdict((1,), True), Lexicon([])).found == "lost"
    assert line_entity(tokens("6 whole cloves"), Verdict((2,), True), Lexicon([])).entity == "cloves"


@given(st.text(), st.lists(st.text(max_size=10)))
def test_any_line_has_an_answer(text: str, entities: list[str]) -> None:
    line = line_entity(tokens(text), UNSURE, Lexicon(entities, tolerant=True))
    assert (line.entity in entities) if line.entity else line.found == "lost"


def test_known_entities_come_most_frequent_first() -> None:
    assert known_entities({"b": 1, "a": 1, "": 5, "c": 2}) == ["c", "a", "b"]


def test_an_odd_line_makes_no_ingredient_of_every_bowl() -> None:
    mix = [tokens("mix the eggs in a bowl")]
    known = Lexicon(["eggs", "bowls"], tolerant=True)
    here, there = Mentions(), Mentions()
    for mentions in (here, there):
        for _ in range(15):
            mentions.add(known, ["eggs"], mix)
    there.add(known, ["bowls"], mix)
    here.merge(there)
    assert here.mentioned == {"eggs": 31, "bowls": 31}
    assert here.listed == {"eggs": 30, "bowls": 1}
    assert here.common(["eggs", "bowls"]) == ["eggs"]
