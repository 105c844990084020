"""Stage `keyterms`: trains the ingredient tagger; finds ingredients, actions and utensils of every recipe."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import torch

from seje.data.records import PARTITIONS, Recipe
from seje.errors import SejeError
from seje.keyterms import extraction, tagging
from seje.keyterms.passes import COUNTED, JUDGED, LISTED, Judge, ListTerms, Mention
from seje.keyterms.reexamination import Mentions, known_entities
from seje.keyterms.settings import KeytermsSettings
from seje.keyterms.summary import Report
from seje.keyterms.tagging import Example
from seje.progress import say, track
from seje.shards.settings import ClusterSettings
from seje.text import vectors
from seje.workspace import checkpoints, files, paths
from seje.workspace.sharding import LOCAL, Sharded

MOST_LINES = 500_000  # of the train partition that the tagger learns from; more would teach it no more
TAGGED, SEARCHED, TOLD = "tagged", "searched", "told"  # pieces of work
KNOWN = "known.json"  # the entities found, for those who look for them


def run(keyterms: KeytermsSettings, cluster: ClusterSettings = LOCAL) -> None:
    """Train the tagger, tag and re-examine every line, write every recipe's key terms."""
    files.need(paths.Word2vec.VECTORS, "word2vec")
    inputs = [paths.Corpus.RECIPES, paths.Word2vec.VECTORS]
    sharded = Sharded("keyterms", keyterms.model_dump(), inputs, cluster)
    trained = paths.checkpoint("keyterms", sharded.known)
    tagger = _tagger(keyterms, trained)
    chosen = ("train",) if keyterms.entities == "train" else PARTITIONS
    verdicts = sharded.beside(JUDGED)
    counts = _judge(sharded, partial(Judge, paths.Corpus.RECIPES, trained, chosen), verdicts)
    known = known_entities(counts)
    files.write_json(sharded.beside(KNOWN), known)
    mention = partial(Mention, paths.Corpus.RECIPES, verdicts, sharded.beside(KNOWN), chosen)
    config = tagger["config"] | {"known": known, "common": _mentions(sharded, mention).common(known)}
    files.write_weights(paths.Keyterms.TAGGER, tagger["weights"], config)
    list_terms = partial(ListTerms, paths.Corpus.RECIPES, verdicts, paths.Keyterms.TAGGER)
    records = sharded.make(TOLD, list_terms, "cpu", "recipes whose terms are listed")
    sharded.take(paths.Keyterms.TERMS, TOLD, records, LISTED)
    report = Report()
    for record in records:
        report.merge(record.counts)
    files.write_json(paths.metrics("keyterms"), {"learning": tagger["learning"], **report.metrics()})
    sharded.done()
    checkpoints.remove(trained)


def _tagger(keyterms: KeytermsSettings, trained: Path) -> dict[str, Any]:
    """The tagger's config and weights, and what it learnt of; trained once, whatever becomes of the rest."""
    if state := checkpoints.load(trained):
        say("keyterms: the tagger is trained already")
        return state
    state = _learn(keyterms)
    checkpoints.save(trained, state)
    return state


def _judge(sharded: Sharded, judge: partial[Judge], verdicts: Path) -> Counter[str]:
    """Have every line judged; how often each entity stands in the chosen partitions."""
    records = sharded.make(TAGGED, judge, "cpu", "recipes tagged")
    sharded.take(verdicts, TAGGED, records, JUDGED)
    counts: Counter[str] = Counter()
    for table in sharded.tables(TAGGED, records, COUNTED):
        counts.update(_counter(table, "times"))
    return counts


def _mentions(sharded: Sharded, mention: partial[Mention]) -> Mentions:
    records = sharded.make(SEARCHED, mention, "cpu", "recipes searched for entities")
    mentions = Mentions()
    for table in sharded.tables(SEARCHED, records, COUNTED):
        mentions.merge(Mentions(_counter(table, "mentioned"), _counter(table, "listed")))
    return mentions


def _counter(table: Any, column: str) -> Counter[str]:
    return Counter(dict(zip(table["entity"].to_pylist(), table[column].to_pylist(), strict=True)))


def _learn(keyterms: KeytermsSettings) -> dict[str, Any]:
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
    learning = {kind: {name: found[name] for name in names} for kind, found in counts.items()}
    return {"config": tagger.config(), "weights": tagger.state_dict(), "learning": learning}


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


def _recipes() -> Iterator[Recipe]:
    for batch in files.read_batches(paths.Corpus.RECIPES, "corpus"):
        yield from (Recipe(**row) for row in batch.to_pylist())
