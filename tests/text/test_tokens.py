"""Characters that look or mean the same become the same; no script loses a sign of its own."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.text.tokens import normalise, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2\u00b3\u2044\u2084 cups rye", ["2", "3/4", "cups", "rye"]),
        ("3\u2154 oz", ["3", "2/3", "oz"]),
        ("\u2152 tsp", ["1/10", "tsp"]),
        ("10\u2079 10\u2084", ["10", "9", "10", "4"]),
        (
            "bake at 425\u00baF or 220\u02daC, 425\u2109",
            "bake at 425 \xb0 f or 220 \xb0 c , 425 \xb0 f".split(),
        ),
        ("1 cup Kraft\u2122 Miracle\u00ae mayo", ["1", "cup", "kraft", "miracle", "mayo"]),
        ("1 cup\u00a0oats\u3000\u2009raw", ["1", "cup", "oats", "raw"]),
        ("choc\u00ado\u200blate\u2063 \ufeffchips\ufe0f", ["chocolate", "chips"]),
        (
            "all\u2010purpose, all\u2011purpose, all\u2013purpose",
            "all-purpose , all-purpose , all-purpose".split(),
        ),
        ("flour\u2014sifted", ["flour", "-", "sifted"]),
        ("2\u20133 or 2\u22123", ["2", "-", "3", "or", "2", "-", "3"]),
        ("Farmer\u2019s Farmer\u2018s Farmer\u201bs Farmer\u00b4s Farmer`s Farmer\u02bcs", ["farmer's"] * 6),
        ("\u201ehot\u201c \u00abhot\u00bb", ['"', "hot", '"'] * 2),
        ("pin\u0303a pi\u00f1a", ["pi\u00f1a"] * 2),
        ("\ufb01sh \uff13\uff47", ["fish", "3", "g"]),
        ("1\ufe0f\u20e3 egg \u0301", ["1", "egg"]),
        ("a\x00b\x7fc\ud800d\u2800", ["a", "b", "c", "d"]),
    ],
)
def test_signs_are_told_by_their_class(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    "word",
    [
        "\u05e2\u05b5\u05e5",  # Hebrew with a vowel sign
        "\u05e7\u05f4\u05d2",  # and with gershayim inside
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian with a joiner
        "\u0645\u0650\u0644\u0652\u062d",  # Arabic with vowel signs
        "\u092e\u093f\u0930\u094d\u091a",  # Devanagari
        "\u0915\u094d\u200d\u0937",  # and with a joiner
        "\u0e19\u0e49\u0e33\u0e1b\u0e25\u0e32",  # Thai, a vowel that has a compatibility form
        "\u918b\u98ef",  # Chinese
        "\uae40\uce58",  # Korean
        "\u1eb9\u0301g\u1eb9\u0301",  # Yoruba: marks that compose with nothing
        "col\u00b7liflor",  # Catalan
    ],
)
def test_words_of_other_scripts_stay_whole(word: str) -> None:
    assert tokens(f"2 {word}, {word}") == ["2", word, ",", word]


@given(st.text())
def test_normal_text_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    kinds = {"Zs", "Zl", "Zp", "Cc", "Pd", "Pi", "Pf"}
    assert not [sign for sign in once if unicodedata.category(sign) in kinds and sign not in " -"]


@given(st.text(st.characters(categories=["L"]), min_size=1))
def test_letters_are_never_lost(text: str) -> None:
    assert tokens(text)


@pytest.mark.parametrize(
    "sign", ["a\u0301\u0316", "\u00a0", "1\u00bd", "\u200d", "e\u0301'-", "1/\u0660", "\u2014", "\u0301"]
)
def test_time_is_linear_in_the_text(sign: str) -> None:
    """A fifth of a million odd characters; what is quadratic would take an hour."""
    tokens(sign * (200_000 // len(sign)))
