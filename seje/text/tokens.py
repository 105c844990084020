"""Words of recipe text: one tokenizer for every stage, so that their vocabularies agree."""

import re
import unicodedata

# A number (also 1/2, 1.5, 1,5), a word with inner apostrophes or hyphens, or any other visible sign.
_TOKEN = re.compile(r"\d+(?:[./,]\d+)*|[^\W\d_]+(?:['-][^\W\d_]+)*|[^\w\s]")
_FRACTION = re.compile(r"(\d)\s*([\u00bc-\u00be\u2150-\u215e])")


def tokens(text: str) -> list[str]:
    """Split text into lower-case words, numbers and punctuation marks; never raises.

    Vulgar fractions become `1/2`, and keep apart from a number before them.
    """
    spaced = _FRACTION.sub(r"\1 \2", text)
    plain = unicodedata.normalize("NFKC", spaced).replace("\u2044", "/").replace("\u2019", "'").lower()
    return _TOKEN.findall(plain)


def words(text: str) -> list[str]:
    """Split text into lower-case words alone: no numbers, no punctuation."""
    return [token for token in tokens(text) if token[0].isalpha()]


def entity_token(name: str) -> str:
    """Spell an entity as the single token under which it has a word vector: `red wine` is `red_wine`."""
    return "_".join(words(name))
