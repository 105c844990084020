"""Recipe categories: from titles, frequent bigrams and then names of photo classes; or given; then refined.

B bigram, R recipe. Category 0 is the background: recipes that no class takes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from seje.categories.label_vectors import BACKGROUND
from seje.data.records import PARTITIONS
from seje.text.tokens import entity_token, tokens

# Words that praise or measure a dish, tell its occasion or its cook, and so name no dish. im2recipe drops
# bigrams with one of 46 such tokens; these are ours, of the same kinds. `_strong` also drops numbers.
WEAK = frozenset(
    "easy best quick simple fast minute minutes hour homemade favorite favourite perfect ultimate great good "
    "super amazing delicious yummy tasty awesome classic basic traditional authentic original famous style "
    "recipe recipes chef mom mama grandma grandmother aunt copycat version new old fashioned day night "
    "healthy low free fat skinny lite".split()
)


@dataclass(frozen=True)
class Category:
    """A category and how many recipes of each partition are in it."""

    name: str
    train: int
    val: int
    test: int


def assign(
    titles: Sequence[str],
    partitions: Sequence[str],
    with_photo: npt.NDArray[np.bool_],
    names: Iterable[str],
    candidates: int,
    max_classes: int,
    min_train: int,
) -> tuple[list[Category], npt.NDArray[np.int32]]:
    """Find the categories, background first, and the category of each recipe [R].

    A recipe belongs to the first class whose name is in its title, both spelt as tokens: bigrams by
    frequency, at most `max_classes`, then `names`. Only train titles choose the bigrams. A class that has
    fewer than `min_train` recipes with a photo in train, or none in val or in test, gives its recipes back.
    """
    spelt = pa.array([_spelt(title) for title in titles], pa.large_string())
    usable = np.asarray(with_photo, dtype=bool)
    split = np.asarray(partitions)
    train = np.flatnonzero(usable & (split == "train"))
    category = np.zeros(len(titles), dtype=np.int32)
    found: list[str] = []

    def claim(name: str) -> None:
        """Make a class of the recipes that are in none yet and have the name in their title, if enough."""
        inside = pc.match_substring(spelt, name).to_numpy(zero_copy_only=False)
        members = np.flatnonzero(inside & (category == 0))
        counts = [int((split[members[usable[members]]] == partition).sum()) for partition in PARTITIONS]
        if counts[0] >= min_train and counts[1] and counts[2]:
            found.append(name)
            category[members] = len(found)

    for bigram in frequent_bigrams((titles[int(row)] for row in train), candidates):
        if len(found) < max_classes:
            claim(bigram)
    for name in dict.fromkeys(_spelt(name.replace("_", " ")) for name in names):
        if name and name not in [BACKGROUND, *found]:
            claim(name)
    return _count(found, category, split), category


def given(
    ids: Sequence[str], partitions: Sequence[str], classes: Mapping[str, int], names: Mapping[int, str]
) -> tuple[list[Category], npt.NDArray[np.int32]]:
    """Take categories as they are given by recipe id; a recipe that has none, or class 0, is background.

    Classes are numbered anew in their order, without gaps.
    """
    found = sorted(number for number in names if number != 0)
    renumbered = {number: place for place, number in enumerate(found, 1)}
    category = np.fromiter((renumbered.get(classes.get(key, 0), 0) for key in ids), np.int32, len(ids))
    return _count([names[number] for number in found], category, np.asarray(partitions)), category


def refine(
    found: Sequence[Category],
    category: npt.NDArray[np.int32],
    partitions: Sequence[str],
    seen: Mapping[int, str],
) -> tuple[list[Category], npt.NDArray[np.int32]]:
    """Give train recipes of the background the category that their photo shows: more pairs to learn from.

    Recipes of val and test keep what their text says: a category that was read off a query's own photo
    would answer the query.

    Args:
        found: the categories, background first.
        category: of each recipe [R].
        partitions: of each recipe.
        seen: label of the photo, by the recipe's row; a label that is no category's name becomes one,
            but for `background`, which is none.
    """
    names = [entry.name for entry in found[1:]]
    numbers = {_key(name): number for number, name in enumerate(names, 1)}
    refined = category.copy()
    for row, label in seen.items():
        if not category[row] and partitions[row] == "train" and label != BACKGROUND:
            name = label.replace("_", " ")
            if _key(name) not in numbers:
                names.append(name)
                numbers[_key(name)] = len(names)
            refined[row] = numbers[_key(name)]
    return _count(names, refined, np.asarray(partitions)), refined


def frequent_bigrams(titles: Iterable[str], count: int) -> list[str]:
    """List the most frequent pairs of neighbours in titles, stop words dropped first, weak words never."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    found: Counter[str] = Counter()
    for title in titles:
        kept = [token for token in tokens(title) if token not in ENGLISH_STOP_WORDS]
        pairs = zip(kept, kept[1:], strict=False)
        found.update(f"{first} {second}" for first, second in pairs if _strong(first) and _strong(second))
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [bigram for bigram, _ in ranked[:count]]


def _strong(token: str) -> bool:
    return token[0].isalpha() and token.removesuffix("'s") not in WEAK


def _spelt(text: str) -> str:
    """Spell a title or a name as its tokens: two ways to write one character are one."""
    return " ".join(tokens(text))


def _key(name: str) -> str:
    """Spell a name as labels of photos are, as an entity token; one without a letter has none."""
    return entity_token(name) or _spelt(name)


def _count(found: list[str], category: npt.NDArray[np.int32], split: npt.NDArray[np.str_]) -> list[Category]:
    names = [BACKGROUND, *found]
    tally = {part: np.bincount(category[split == part], minlength=len(names)) for part in PARTITIONS}
    return [
        Category(name, *(int(tally[part][number]) for part in PARTITIONS))
        for number, name in enumerate(names)
    ]
