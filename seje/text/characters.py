"""The characters of recipe text made alike: what looks the same or means the same is the same character.

By the classes of Unicode (properties of UAX 44), not by lists of single characters. No letter of any script
loses a mark that belongs to it.
"""

import unicodedata
from typing import Any

import regex


def _pattern(text: str) -> Any:
    return regex.compile(text, regex.VERSION1)


_STEPS = [
    # Stream-Safe Text (UAX 15): more than 30 marks on a letter are no writing, and sorting them is quadratic.
    (_pattern(r"(\p{M}{30})\p{M}+"), r"\1"),
    # What is never seen (soft hyphen, zero width, direction, variation selectors); but joiners shape the
    # letters of Arabic and Indic scripts, and stay inside a word of theirs.
    (_pattern(r"[\p{DI}\p{Cf}--\p{PCM}--\p{Join_Control}]+"), ""),
    (_pattern(r"(?<![\p{L}\p{M}--\p{Latin}])\p{Join_Control}+"), ""),
    (_pattern(r"(?<!\p{M})\p{Join_Control}+(?![\p{L}\p{M}--\p{Latin}])"), ""),
    (_pattern(r"[\u2122\u2120\xae\xa9\u2117\U0001f16a-\U0001f16c]"), ""),  # trade marks
    (
        _pattern(r"[\xba\u02da]|[\u2070\u1d52](?=\s?[CF]\b)"),
        "\xb0",
    ),  # ordinals and rings that stand for degrees
    (_pattern(r"[\u201c-\u201f\xab\xbb\u2033]"), '"'),
    (_pattern(r"[\p{Pi}\p{Pf}\u201a\u2032\xb4\u02bc`]"), "'"),
    (_pattern(r"\p{Line_Break=B2}|\u2015"), " - "),  # dashes that part
    (_pattern(r"[\p{Pd}\u2212]"), "-"),  # hyphens, also between words and between numbers
    (_pattern(r"(?<=\d)(?=\p{No})|(?<=[\xbc-\xbe\u2150-\u215e\u2189])(?=\d)"), " "),  # 1 1/2, 10 2
    (_pattern(r"[\u2044\u2215]"), "/"),
]
# Compatibility forms: fractions, superscripts, ligatures, full width. Vowels of Thai and Lao and the letters
# of Hangul have such forms too, which no one writes.
_COMPATIBLE = _pattern(r"[^\p{ASCII}\p{Thai}\p{Lao}\p{Hangul}]+")
_LONE_MARKS = _pattern(r"(?<![\p{L}\p{M}])\p{M}+")
_SPACES = _pattern(r"[\p{Z}\p{Cc}\p{Cs}\u2800]+")  # U+2800: a Braille cell without dots


def normalise(text: str) -> str:
    """Give text plain spaces, hyphens, quotes, fractions and composed letters; its case stays; never raises.

    Invisible characters, trade marks and marks on no letter vanish. Linear in the text.
    """
    if text.isascii() and text.isprintable():
        return text.replace("`", "'")
    for pattern, plain in _STEPS:
        text = pattern.sub(plain, text)
    text = _COMPATIBLE.sub(_compatible, text)
    text = _LONE_MARKS.sub("", unicodedata.normalize("NFC", text).replace("\u2044", "/"))
    return str(_SPACES.sub(" ", text))


def _compatible(found: Any) -> str:
    return unicodedata.normalize("NFKC", found[0])
