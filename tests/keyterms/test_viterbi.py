import json

import pytest

from seje.keyterms import pos
from seje.keyterms.viterbi import SentenceTagger
from seje.text.tokens import tokens

SENTENCES = [
    "Fold the egg whites into the batter with a spatula .",
    "2 ( 14 1/2 ounce ) cans diced tomatoes , undrained",
    "preheat oven to 350 degrees f .",
    "gochujang-glazed zwiebelkuchen with xnrtl",
    "simmer until the sauce coats the back of a spoon , stirring now and then",
    "salt",
]


@pytest.fixture(scope="module")
def model():
    return pos._hanta()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_tags_are_those_of_hantas_own_search(model, sentence):
    assert SentenceTagger(model).tag(tokens(sentence)) == model.tag_sent(tokens(sentence), taglevel=0)


def test_tags_of_real_sentences_are_those_of_hanta(model, shared):
    ours, checked = SentenceTagger(model), 0
    for recipe in json.loads((shared / "publicdomain/layer1.json").read_text())[:15]:
        for text in recipe["instructions"]:
            words = [word for word in tokens(text["text"]) if len(word) <= pos.LONGEST_WORD][:60]
            if words:
                assert ours.tag(words) == model.tag_sent(words, taglevel=0)
                checked += 1
    assert checked > 30
