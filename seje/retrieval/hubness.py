"""Against hubs, items that are near to every query: each item's score is lowered by an offset of its own.

CSLS (Conneau et al., Word Translation Without Parallel Data, 2018, section 2.3) and the inverted softmax
(Smith et al., Offline bilingual word vectors, 2017, section 2.3). How near queries come to an item is told by
a bank of train queries and by nothing else: a form that looks at other test queries would let an answer
depend on what else is asked, so there is none here. Both orders are those of cosine less an offset:

    CSLS              2 cos(q, i) - r(q) - r(i), r(i) the mean of i's k highest cosines to the bank
    inverted softmax  exp(beta cos(q, i)) / sum over b in the bank of exp(beta cos(b, i))

r(q) is the same for all items of a query and changes no order; nor does the logarithm of the second.

N items, B queries of the bank, E dimensions, V values of k or beta.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from seje.errors import SejeError
from seje.retrieval.ranks import Embeddings, Ranks
from seje.retrieval.val_score import val_metrics

Method = Literal["csls", "softmax"]
Doubles = npt.NDArray[np.float64]

METHODS: tuple[Method, ...] = ("csls", "softmax")
BANK = 5000  # train pairs whose sides are the two banks, at most
VALUES: dict[Method, tuple[int, ...]] = {"csls": (1, 2, 5, 10, 20, 50), "softmax": (5, 10, 20, 50, 100)}
ITEMS_AT_A_TIME = 512  # items compared with the bank at a time: 20 MB in float64


class Sides(NamedTuple):
    """Unit vectors of pairs, [B, E] both: row i of one matches row i of the other."""

    photos: Embeddings
    recipes: Embeddings


class Choice(NamedTuple):
    """A method, the k (of csls) or beta (of softmax) that val chose for it, and its score there."""

    method: Method
    value: int
    val_score: float

    def as_json(self) -> dict[str, Any]:
        """As metrics have it: the value by its name."""
        return {"k" if self.method == "csls" else "beta": self.value, "val_score": self.val_score}


def choose(method: Method, bank: Sides, val: Sides) -> Choice:
    """Choose k or beta by the score of val pairs; the first of those that are equally good.

    Raises SejeError where the bank holds fewer than two pairs.
    """
    values = _values(method, len(bank.photos))
    of_photos = offsets(val.photos, bank.recipes, method, values)
    of_recipes = offsets(val.recipes, bank.photos, method, values)
    scores = [val_metrics(*lowered(val, *both))["score"] for both in zip(of_photos, of_recipes, strict=True)]
    best = int(np.argmax(scores))
    return Choice(method, values[best], scores[best])


def chosen_offsets(choice: Choice, items: Embeddings, bank: Embeddings, own: Ranks | None = None) -> Doubles:
    """Give the offsets [N] of the items with the k or beta that was chosen; arguments as of `offsets`."""
    found: Doubles = offsets(items, bank, choice.method, [choice.value], own)[0]
    return found


def offsets(
    items: Embeddings, bank: Embeddings, method: Method, values: Sequence[int], own: Ranks | None = None
) -> Doubles:
    """Give what to take from the cosine of each item, for each k or beta: [V, N], between -1 and 1.

    Args:
        items: [N, E] unit vectors, which may be memory-mapped.
        bank: [B, E] unit vectors of train queries: of the other side than the items.
        method: csls or softmax.
        values: of k, each smaller than B, or of beta.
        own: [N], row of the bank that is an item's own match, -1 where it holds none. An item that the
            model was trained on is too near to its own match to tell of hubs by it: that one is left out.
    """
    of = _csls if method == "csls" else _softmax
    found = np.empty((len(values), len(items)))
    for some in _slices(len(items)):
        similarity = np.asarray(items[some], np.float32) @ bank.T
        if own is not None:
            known = np.flatnonzero(own[some] >= 0)
            similarity[known, own[some][known]] = -np.inf
        found[:, some] = of(similarity, values)
    return found


def lowered(pairs: Sides, of_photos: Doubles, of_recipes: Doubles) -> Sides:
    """Give pairs [N, E] two dimensions more, so that products tell cosine less both offsets: [N, E + 2].

    An offset of the query changes no order: one product ranks both directions. All is divided by sqrt(3):
    no vector is longer than 1, and `ranks.tolerance` holds, three times as wide as of cosines. That covers
    the rounding of the offsets too, so that equal items stay ties.
    """
    photos, recipes = pairs
    one = np.ones((len(photos), 1), photos.dtype)
    return Sides(
        _shortened([photos, one, -of_photos[:, None]]), _shortened([recipes, -of_recipes[:, None], one])
    )


def _shortened(columns: Sequence[npt.NDArray[np.floating[Any]]]) -> Embeddings:
    joined: Embeddings = np.concatenate(columns, axis=1, dtype=np.float32, casting="same_kind")
    joined /= np.sqrt(np.float32(3))
    return joined


def _values(method: Method, bank: int) -> list[int]:
    if bank < 2:
        raise SejeError("hubness: fewer than 2 train recipes have a photo; see metrics/images.json")
    return [value for value in VALUES[method] if method == "softmax" or value < bank]


def _csls(similarity: Embeddings, values: Sequence[int]) -> Doubles:
    """Half of the mean of the k highest in each row [N, B], for each k: [V, N]."""
    most = max(values)
    highest = -np.sort(-np.partition(similarity, -most, axis=1)[:, -most:], axis=1)
    sums = np.cumsum(highest, axis=1, dtype=np.float64)
    return np.stack([sums[:, k - 1] / (2 * k) for k in values])


def _softmax(similarity: Embeddings, values: Sequence[int]) -> Doubles:
    """Logarithm of the mean of exp(beta cosine) in each row [N, B], over beta, for each beta: [V, N]."""
    wide = similarity.astype(np.float64)
    count = np.isfinite(wide).sum(axis=1)
    return np.stack([(logsumexp(beta * wide, axis=1) - np.log(count)) / beta for beta in values])


def _slices(length: int) -> Iterator[slice]:
    yield from (slice(start, start + ITEMS_AT_A_TIME) for start in range(0, length, ITEMS_AT_A_TIME))
