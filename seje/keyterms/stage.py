"""Stage `keyterms`: trains the ingredient tagger; finds ingredients, actions and utensils of every recipe."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from seje.data.parallel import chunks, map_processes
from seje.data.records import PARTITIONS, Recipe
from seje.errors import SejeError
from seje.keyterms import extraction, tagging
from seje.keyterms.extraction import Judge, ListTerms, Mention, Verdicts
from seje.keyterms.reexamination import Mentions, known_entities
from seje.keyterms.settings import KeytermsSettings
from seje.keyterms.summary import Report
from seje.keyterms.tagger import Tagger
from seje.keyterms.tagging import Example
from seje.progress import say, track
from seje.text import vectors
from seje.workspace import files, paths

_STRINGS = pa.list_(pa.string())
TERMS = pa.schema({"id": pa.string(), "terms": _STRINGS, "kinds": _STRINGS, "fields": _STRINGS})
MOST_LINES = 500_000  # of the train partition that the tagger learns from; more would teach it no more
CHUNK = 512  # recipes in a chunk
FEW = 20_000  # recipes for which starting processes would take longer than it saves

T = TypeVar("T")
U = TypeVar("U")


def run(keyterms: KeytermsSettings) -> None:
    """Train the tagger, tag and re-examine every line, write every recipe's key terms."""
    tagger, learning = _learn(keyterms)
    chosen = ("train",) if keyterms.entities == "train" else PARTITIONS
    verdicts: Verdicts = []
    counts: Counter[str] = Counter()
    for judged in _map(partial(Judge, tagger, chosen), _chunks(), "tagged"):
        verdicts += judged.verdicts
        counts.update(judged.entities)
    known, mentions = known_entities(counts), Mentions()
    for part in _map(partial(Mention, known, chosen), _judged(verdicts), "searched for entities"):
        mentions.merge(part)
    common = mentions.common(known)
    report = _write_terms(partial(ListTerms, tagger, known, common), verdicts)
    config = tagger.config() | {"known": known, "common": common}
    files.write_weights(paths.Keyterms.TAGGER, tagger.state_dict(), config)
    files.write_json(paths.metrics("keyterms"), {"learning": learning, **report.metrics()})


def _learn(keyterms: KeytermsSettings) -> tuple[Tagger, dict[str, Any]]:
    """Train a tagger on lines of the train partition."""
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    share = _share(keyterms.labels)
    random = np.random.default_rng(keyterms.seed)
    train = (recipe for recipe in _recipes() if recipe.partition == "train" and random.random() < share)
    learnt: list[Example] = []
    counts: dict[str, Counter[str]] = {"given": Counter(), "weak": Counter()}
    for kind, lessons in extraction.training_lines(track(train, "recipes labelled"), keyterms.labels):
        taught = [lesson for lesson in lessons if lesson]
        counts[kind].update(recipes=1, learnt=len(taught), taught_nothing=len(lessons) - len(taught))
        learnt += taught
    torch.manual_seed(keyterms.seed)
    tagger = extraction.new_tagger(learnt, words, keyterms.hidden)
    tagging.train(
        tagger, learnt, epochs=keyterms.epochs, batch=keyterms.batch, lr=keyterms.lr, seed=keyterms.seed
    )
    names = ("recipes", "learnt", "taught_nothing")
    return tagger, {kind: {name: found[name] for name in names} for kind, found in counts.items()}


def _share(labels: str) -> float:
    """Share of the train recipes to learn from; says so where the labels asked for are few."""
    recipes = named = lines = named_lines = 0
    for batch in files.read_batches(paths.Corpus.RECIPES, "corpus", ["partition", "ingredients", "entities"]):
        train = batch.filter(pc.equal(batch["partition"], "train"))
        given = pc.list_value_length(train["entities"]).fill_null(0)
        recipes += len(train)
        named += pc.sum(pc.greater(given, 0)).as_py() or 0
        named_lines += pc.sum(given).as_py() or 0
        lines += pc.sum(pc.list_value_length(train["ingredients"])).as_py() or 0
    if labels != "det_ingrs":
        return MOST_LINES / max(lines, 1)
    if not named:
        raise SejeError(
            "keyterms.labels is det_ingrs, but det_ingrs.json has no list that fits train: make it auto"
        )
    if 2 * named < recipes:
        say(
            f"keyterms.labels is det_ingrs: {named} of {recipes} recipes of train, {named_lines} lines, are"
            " all there is to learn from; with auto the other recipes teach by weak labels"
        )
    return MOST_LINES / named_lines


def _write_terms(make: Callable[[], ListTerms], verdicts: Verdicts) -> Report:
    report = Report()
    with files.table_rows(paths.Keyterms.TERMS, TERMS) as keep:
        for found, part in _map(make, _judged(verdicts), "their terms listed"):
            report.merge(part)
            for recipe, terms in found:
                columns = zip(*terms, strict=True) if terms else ((), (), ())
                keep({"id": recipe, **dict(zip(("terms", "kinds", "fields"), columns, strict=True))})
    return report


def _map(make: Callable[[], Callable[[T], U]], items: Iterator[T], what: str) -> Iterator[U]:
    recipes = files.count_rows(paths.Corpus.RECIPES, "corpus")
    processes = 1 if recipes < FEW else os.cpu_count() or 1
    yield from track(
        map_processes(make, items, processes), f"chunks of {CHUNK} recipes {what}", -(-recipes // CHUNK)
    )


def _recipes() -> Iterator[Recipe]:
    for batch in files.read_batches(paths.Corpus.RECIPES, "corpus"):
        yield from (Recipe(**row) for row in batch.to_pylist())


def _chunks() -> Iterator[list[Recipe]]:
    return chunks(_recipes(), CHUNK)


def _judged(verdicts: Verdicts) -> Iterator[tuple[list[Recipe], Verdicts]]:
    return zip(_chunks(), chunks(verdicts, CHUNK), strict=True)
