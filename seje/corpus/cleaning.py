"""Text of a recipe as people see it: no markup, one space between words, composed, nothing invisible.

By Unicode's own classes (UAX 44), whatever the script. What is kept is still text for people: quotes,
hyphens and fractions stay as they were typed, and are made alike where tokens are.
"""

import unicodedata

import regex

from seje.corpus.markup import without_markup

# Separators, controls (line breaks too) and halves of characters; of braille only the cell without dots.
_SPACE = regex.compile(r"[\p{Z}\p{Cc}\p{Cs}\u2800]+")
# Format characters and others that show nothing by themselves: zero-width spaces, soft hyphens, fillers,
# marks of direction, variation selectors. They join or part letters in Persian, Hindi or Thai, and make one
# picture of several emoji: behind such characters they stay, elsewhere they are junk.
_UNSEEN = r"\p{Cf}\p{Default_Ignorable_Code_Point}"
_LETTERS = r"[\p{L}\p{M}--[\p{Latin}\p{Greek}\p{Cyrillic}\p{Inherited}]]"
_JUNK = regex.compile(rf"(?V1)(?<![{_LETTERS}\p{{Extended_Pictographic}}{_UNSEEN}])[{_UNSEEN}]+")
# Marks need a letter to stand on; private use and noncharacters mean nothing to anyone else.
_VISIBLE = regex.compile(
    rf"[^\p{{Z}}\p{{Cc}}\p{{Cs}}\p{{Co}}\p{{M}}\p{{Noncharacter_Code_Point}}{_UNSEEN}\u2800]"
)

_BROKEN = regex.compile(r"[\p{Cc}\p{Cs}]")


def clean(text: str) -> str:
    """Make one line of a text: see above; "" where no character of it is visible."""
    text = without_markup(text)
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = _SPACE.sub(" ", _JUNK.sub("", text)).strip()
    return unicodedata.normalize("NFC", spaced) if _VISIBLE.search(spaced) else ""


def is_name(text: str, longest: int) -> bool:
    """Say whether a text can name something: some of it is visible, no controls, `longest` bytes at most."""
    if text.isascii() and text.isprintable():
        return 0 < len(text.strip()) and len(text) <= longest
    return not _BROKEN.search(text) and bool(_VISIBLE.search(text)) and len(text.encode()) <= longest
