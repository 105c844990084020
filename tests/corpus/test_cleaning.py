import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seje.corpus.cleaning import clean

INVISIBLE = [
    "\u200b\u2060\ufeff",  # zero width
    "\u00ad\u2063\u202e",  # soft hyphen, separator, direction
    "\u3164\uffa0\u115f\u1160",  # Hangul fillers
    "\u2800\u2800",  # braille without dots
    "\ufe0f\u034f\U000e0041",  # selectors, joiner, tag
    "\u0301\u20dd",  # marks with nothing under them
    "\u2003\u3000\u2028\x85\x00\x1f",
    "\ud83d\udc1f"[1:],
    "\ue000\ufdd0",  # private use, noncharacter
    "<p>&nbsp;&zwnj;</p><!-- nothing -->",
]


@pytest.mark.parametrize("text", INVISIBLE)
def test_what_has_no_visible_character_is_empty(text):
    assert clean(text) == ""


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" a\x00\n\tb\ud83d c\u00a0", "a b c"),
        ("\ufeff2\u200b cups to\u00admatoes", "2 cups tomatoes"),
        ("jalapen\u0303o, cre\u0300me", "jalape\u00f1o, cr\u00e8me"),
        ("Shepherd\u2019s \u2013 pie", "Shepherd\u2019s \u2013 pie"),  # for people: as it was typed
        ("2\u2009\u202f\u3000eggs", "2 eggs"),
    ],
)
def test_a_line_is_one_line_of_composed_text(text, cleaned):
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "\u0633\u06cc\u0628\u200c\u0632\u0645\u06cc\u0646\u06cc",  # Persian: a joiner parts the word
        "\u0915\u094d\u200d\u0937",  # Hindi
        "\u0e44\u0e02\u0e48\u200b\u0e40\u0e08\u0e35\u0e22\u0e27",  # Thai: where words end
        "\u5bff\u53f8\u3001\uc7a1\ucc44",
        "\U0001f468\u200d\U0001f373 \u2764\ufe0f",  # one cook, one heart
        "\u05e1\u05dc\u05d8",
    ],
)
def test_other_scripts_pass_unharmed(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("&frac14; cup cr&egrave;me fra&icirc;che", "\u00bc cup cr\u00e8me fra\u00eeche"),
        ("3&#8260;4 tsp", "3\u20444 tsp"),
        ("&amp;frac12; cup", "&frac12; cup"),  # once
        ('<a href="https://x.org/?a=1&amp;b=2" title="a > b">1 egg</a>', "1 egg"),
        ("salt<br/>pepper<li>oil</li>", "salt pepper oil"),
        ("<b>t</b>omato", "tomato"),
        ("&lt;strong&gt;1 egg&lt;/strong&gt;", "1 egg"),
        ("1<sup>1</sup>/<sub>2</sub> cups", "1 1/2 cups"),
        ("<script>steal('x')</script>1 egg<!-- ad -->", "1 egg"),
        ("<o:p>1</o:p> <x-card kind='a'>egg</x-card>", "1 egg"),
        ("cook <until done>, 5 < 6 > 4, <3", "cook <until done>, 5 < 6 > 4, <3"),
        ("R&D, mac & cheese, AT&T", "R&D, mac & cheese, AT&T"),
    ],
)
def test_markup(text, cleaned):
    assert clean(text) == cleaned


@given(st.text() | st.text("<>&;abp/\"' =!-#1\u200b\u0301\u0915"))
def test_any_text(text):
    cleaned = clean(text)
    cleaned.encode()
    assert cleaned == unicodedata.normalize("NFC", cleaned).strip() and "  " not in cleaned
    assert not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in cleaned)
