"""Words of recipe text: one tokenizer for every stage, so that their vocabularies agree."""

import re

import regex

from seje.text.characters import normalise as normalise

# A number (also 1/2, 1.5, 1,5), a word with inner apostrophes or hyphens, or any other visible sign.
_TOKEN = r"\d+(?:[./,]\d+)*|[^\W\d_]+(?:INNER[^\W\d_]+)*|[^\w\s]"
ASCII = re.compile(_TOKEN.replace("INNER", r"['-]"))
# Slower; a word's marks and joiners are letters to it, and Catalan and Hebrew have further inner signs.
_UNICODE = regex.compile(
    _TOKEN.replace("INNER", r"(?:['\xb7-]|(?<=\p{Hebrew})[\"\u05f3\u05f4](?=\p{Hebrew}))")
)


def tokens(text: str) -> list[str]:
    """Split text into lower-case words, numbers and punctuation marks; never raises.

    Fractions become `1/2`, and keep apart from a number before them. Words of any script stay whole.
    """
    plain = normalise(text).lower()
    found: list[str] = (ASCII if plain.isascii() else _UNICODE).findall(plain)
    return found


def words(text: str) -> list[str]:
    """Split text into lower-case words alone: no numbers, no punctuation."""
    return [token for token in tokens(text) if token[0].isalpha()]


def entity_token(name: str) -> str:
    """Spell an entity as the single token under which it has a word vector: `red wine` is `red_wine`.

    A sign between its words is left out, but `half & half` is `half_and_half`.
    """
    spelled = tokens(name)
    inner = ["and" if token == "&" else token for token in spelled[1:-1]]
    return "_".join(token for token in [*spelled[:1], *inner, *spelled[1:][-1:]] if token[0].isalpha())
