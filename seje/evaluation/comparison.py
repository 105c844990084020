"""What a model's figures are to be read beside: its parts, chance, category, source, and linear baselines.

The baselines read what the model reads, and what can be tuned in them is chosen on val by the score that
chooses the epoch of training.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from seje.evaluation.baselines import by_chance, by_group
from seje.evaluation.blocks import photo_blocks, recipe_blocks
from seje.evaluation.cca import Blocks, Cca, Projection, fit_cca
from seje.evaluation.within import UNKNOWN, numbered, within_groups
from seje.progress import say
from seje.ranking.lsa import WordSpace, word_space
from seje.retrieval.protocol import PoolRanks, evaluate, figures, rank_pools
from seje.retrieval.ranks import Embeddings
from seje.retrieval.val_score import CHOSEN_ON, val_metrics
from seje.towers.features import Pairs, PhotoFeatures, RecipeFeatures, Rows
from seje.towers.joint_model import JointModel, ModelSizes

PAIRS_AT_A_TIME = 1024  # pairs whose features are read at a time
WORDS = 500  # dimensions of all words for a model that does not read them; ranking.words of presets/real.yaml
SAMPLE = 20_000  # train recipes that their space is learnt from at most

Read = Callable[[Rows], Blocks]  # features of recipes, or of photos, by their rows
Protocol = tuple[Sequence[int], int, int]  # pools, draws, seed
Ranked = Mapping[int, Sequence[PoolRanks]]


@dataclass(frozen=True)
class BaselineData:
    """What the baselines are made of, and what they are chosen on; P photos, R recipes."""

    recipes: RecipeFeatures
    photos: PhotoFeatures  # cached ones, also where a CNN was trained along: that is part of the model
    train: Pairs
    val: Pairs
    categories: npt.NDArray[np.int64]  # [R] as of `true_categories`
    sources: Sequence[str | None]  # R
    texts: Callable[[Rows], list[str]]  # all words of some recipes


def parts(sizes: ModelSizes, photos: Embeddings, recipes: Embeddings, protocol: Protocol) -> dict[str, Any]:
    """Figures of the linear part, of the trained part and of both; nothing where there is no linear part."""
    if not sizes.linear:
        return {}
    width = sizes.embedding
    columns = {"linear": slice(width, None), "trained": slice(width), "both": slice(None)}
    found = {}
    for name, of in columns.items():
        # Both lie side by side, each scaled to half of the squared length.
        scale = np.float32(1 if name == "both" else np.sqrt(2))
        images, texts = (scale * side[:, of] for side in (photos, recipes))
        found[name] = figures(evaluate(rank_pools(images, texts, *protocol)))
    return {"parts": found}


def baselines(model: JointModel, corpus: BaselineData, test: Pairs, protocol: Protocol) -> dict[str, Any]:
    """Figures without the model's training under `baselines`, and under `chosen` what val chose for them."""
    pools, *_ = protocol
    rows: dict[str, Any] = {
        "chance": by_chance(pools, len(test)),
        "category": by_group(corpus.categories[test.recipes], *protocol),
    }
    rows |= source_baseline(numbered([corpus.sources[row] for row in test.recipes]), protocol)
    chosen = {}
    for name, fitted, ranked in _linear(model.sizes, corpus, test, protocol):
        rows[name] = figures(evaluate(ranked))
        chosen[name] = fitted.chosen()
    return {"baselines": rows, "chosen": chosen}


def source_baseline(sources: Rows, protocol: Protocol) -> dict[str, Any]:
    """Figures of knowing the source alone; nothing where sources are not mixed."""
    return {"source": by_group(sources, *protocol)} if _mixed(sources) else {}


def within_source(sources: Rows, photos: Embeddings, recipes: Embeddings, ranked: Ranked) -> dict[str, Any]:
    """Figures of the same draws, each query among the candidates of its own source, and how many sources.

    Nothing where the pairs are not of several sources. A recipe without a source is compared with all.
    """
    if not _mixed(sources):
        return {}
    within = within_groups(photos, recipes, sources, ranked)
    unknown = int((sources == UNKNOWN).sum())
    counts = {"sources": int(sources.max()) + 1, "pairs_without_source": unknown}
    return {"within_source": figures(evaluate(within)) | counts}


def true_categories(categories: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Categories as groups: UNKNOWN in place of the background (0), which is none."""
    return np.where(categories == 0, UNKNOWN, categories)


def _mixed(sources: Rows) -> bool:
    """Whether there are several sources; where each is of one pair, its name tells the recipe itself."""
    sizes = np.bincount(sources[sources != UNKNOWN])
    return len(sizes) >= 2 and int(sizes.max()) >= 2


def _linear(
    sizes: ModelSizes, corpus: BaselineData, test: Pairs, protocol: Protocol
) -> Iterator[tuple[str, Cca, Ranked]]:
    """Yield the linear baselines: of what the model reads, and of all words where it does not read them."""
    show = partial(_show, corpus.photos, sizes)
    readers: dict[str, Read] = {"cca": partial(_read, corpus.recipes, sizes)}
    if not sizes.words and (space := _word_space(corpus)):
        readers["cca_words"] = partial(_words, corpus, space)
    for name, read in readers.items():
        fitted = fit_cca(_blocks(read, show, corpus.train), _together(read, show, corpus.val), _score)
        of_photos = _embedded(fitted.photos, show, test.first)
        of_recipes = _embedded(fitted.recipes, read, test.recipes)
        yield name, fitted, rank_pools(of_photos, of_recipes, *protocol)


def _embedded(side: Projection, read: Read, rows: Rows) -> Embeddings:
    starts = range(0, len(rows), PAIRS_AT_A_TIME)
    return np.concatenate([side.embed(read(rows[start : start + PAIRS_AT_A_TIME])) for start in starts])


def _score(of_photos: Embeddings, of_recipes: Embeddings) -> float:
    return val_metrics(of_photos, of_recipes)["score"]


def _read(recipes: RecipeFeatures, sizes: ModelSizes, rows: Rows) -> Blocks:
    return recipe_blocks(recipes.batch(rows), sizes)


def _show(photos: PhotoFeatures, sizes: ModelSizes, rows: Rows) -> Blocks:
    return photo_blocks(photos.batch(rows), sizes)


def _words(corpus: BaselineData, space: WordSpace, rows: Rows) -> Blocks:
    return {"words": space.transform(corpus.texts(rows))}


def _word_space(corpus: BaselineData) -> WordSpace | None:
    rows = corpus.train.recipes
    try:
        return word_space(corpus.texts(rows[:: -(-len(rows) // SAMPLE)]), WORDS)
    except ValueError:
        say("evaluation: too little text in train for a CCA of all words: that row is left out")
        return None


def _blocks(read: Read, show: Read, pairs: Pairs) -> Iterator[tuple[Blocks, Blocks]]:
    """Yield the features of both sides, batch by batch."""
    for start in range(0, len(pairs), PAIRS_AT_A_TIME):
        some = slice(start, start + PAIRS_AT_A_TIME)
        yield read(pairs.recipes[some]), show(pairs.first[some])


def _together(read: Read, show: Read, val: Pairs) -> tuple[Blocks, Blocks]:
    """Features of both sides of val, of CHOSEN_ON pairs at most, spread evenly."""
    batches = _blocks(read, show, val.spread(CHOSEN_ON))
    recipes, photos = (
        {name: np.concatenate([part[name] for part in side]) for name in side[0]}
        for side in zip(*batches, strict=True)
    )
    return recipes, photos
