"""Stage `keyterms`: trains the ingredient tagger; finds ingredients, actions and utensils of every recipe."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from seje import files, params, paths
from seje.errors import SejeError
from seje.progress import track
from seje.text import examples, tagging, vectors
from seje.text.keyterms import recipe_terms
from seje.text.lexicon import Lexicon
from seje.text.reexamine import known_entities, line_entity, tagged_entity
from seje.text.report import Report
from seje.text.tagger import Tagger
from seje.text.tokens import tokens

COLUMNS = ["id", "partition", "title", "ingredients", "instructions", "entities", "valid"]
_STRINGS = pa.list_(pa.string())
TERMS = pa.schema({"id": pa.string(), "terms": _STRINGS, "kinds": _STRINGS, "fields": _STRINGS})
MOST_LINES = 500_000  # of the train partition that the tagger learns from; more would teach it no more
CHUNK = 512  # recipes whose lines are tagged together

Row = dict[str, Any]
Verdicts = list[list[tagging.Verdict]]


def run(keyterms: params.Keyterms) -> None:
    """Train the tagger, tag and re-examine every line, write every recipe's key terms."""
    table = files.read_table(paths.Corpus.RECIPES, "corpus", COLUMNS)
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    given = _is_given(keyterms, table)
    found = list(_examples(table, given, keyterms.seed))
    learnt = [example for example in found if example]
    tagger = _train(keyterms, words, learnt)
    files.write_weights(paths.Keyterms.TAGGER, tagger.state_dict(), tagger.config())
    verdicts = [verdict for chunk in _chunks(table) for verdict in _judge(tagger, chunk)]
    known = _known(table, verdicts, keyterms.entities)
    report = _write_terms(table, verdicts, known)
    learning = {"labels": "det_ingrs" if given else "silver", "learnt": len(learnt), "unaligned": len(found) - len(learnt)}
    files.write_json(paths.metrics("keyterms"), {"learning": learning, **report.metrics()})


def _is_given(keyterms: params.Keyterms, table: Any) -> bool:
    """Say whether labels come from det_ingrs.json."""
    has_names = pc.any(pc.and_(pc.equal(table["partition"], "train"), pc.is_valid(table["entities"]))).as_py()
    if keyterms.labels == "det_ingrs" and not has_names:
        raise SejeError("keyterms.labels is det_ingrs, but corpus.source has no det_ingrs.json: use auto or silver")
    return bool(has_names) and keyterms.labels != "silver"


def _chunks(table: Any) -> Iterator[list[Row]]:
    for batch in table.to_batches(max_chunksize=CHUNK):
        yield batch.to_pylist()


def _lines(recipe: Row) -> list[list[str]]:
    return [tokens(line) for line in recipe["ingredients"]]


def _examples(table: Any, given: bool, seed: int) -> Iterator[examples.Example | None]:
    """Yield what the train partition's lines teach; a random part of them where they are very many."""
    train = table.filter(pc.equal(table["partition"], "train"))
    lines = pc.sum(pc.list_value_length(train["ingredients"])).as_py() or 0
    chosen = np.random.default_rng(seed).random(len(train)) < MOST_LINES / max(lines, 1)
    rows = (recipe for chunk in _chunks(train.filter(pa.array(chosen))) for recipe in chunk)
    for recipe in track(rows, "labels", int(chosen.sum())):
        if not given:
            yield from examples.mentioned(_lines(recipe), recipe["title"], recipe["instructions"])
        elif recipe["entities"] is not None:
            yield from examples.given(_lines(recipe), recipe["entities"], recipe["valid"])


def _train(keyterms: params.Keyterms, words: vectors.Vectors, learnt: list[examples.Example]) -> Tagger:
    if not any(example.labels for example in learnt):
        raise SejeError("no ingredient line of the train partition has an entity: keyterms has nothing to learn from")
    torch.manual_seed(keyterms.seed)
    vocabulary = sorted({word for example in learnt for word in example.words if word in words.rows})
    matrix = words.matrix[[words.rows[word] for word in vocabulary]]
    tagger = Tagger(vocabulary, words.size, keyterms.hidden, matrix)
    tagging.train(tagger, learnt, epochs=keyterms.epochs, batch=keyterms.batch, lr=keyterms.lr, seed=keyterms.seed)
    return tagger


def _judge(tagger: Tagger, chunk: list[Row]) -> Verdicts:
    lines = [_lines(recipe) for recipe in chunk]
    verdicts = iter(tagging.judge(tagger, [line for recipe in lines for line in recipe]))
    return [[next(verdicts) for _ in recipe] for recipe in lines]


def _known(table: Any, verdicts: Verdicts, partitions: str) -> Lexicon:
    """Collect the entities of valid lines, of the train partition or of all recipes."""
    rows = (recipe for chunk in _chunks(table) for recipe in chunk)
    entities = (
        tagged_entity(line, verdict)
        for recipe, judged in zip(rows, verdicts, strict=True)
        if partitions == "all" or recipe["partition"] == "train"
        for line, verdict in zip(_lines(recipe), judged, strict=True)
        if verdict.valid
    )
    return Lexicon(known_entities(entities), tolerant=True)


def _write_terms(table: Any, verdicts: Verdicts, known: Lexicon) -> Report:
    report = Report()
    rows = (recipe for chunk in _chunks(table) for recipe in chunk)
    with files.table_rows(paths.Keyterms.TERMS, TERMS) as keep:
        for recipe, judged in zip(track(rows, "key terms", len(table)), verdicts, strict=True):
            words = _lines(recipe)
            lines = [line_entity(*pair, known) for pair in zip(words, judged, strict=True)]
            terms = recipe_terms(recipe["title"], words, lines, recipe["instructions"], known)
            keep(
                {
                    "id": recipe["id"],
                    "terms": [term.term for term in terms],
                    "kinds": [term.kind for term in terms],
                    "fields": [term.field for term in terms],
                }
            )
            report.add(lines, terms)
            if recipe["partition"] != "train" and recipe["entities"] is not None:
                report.compare(recipe["partition"], words, judged, lines, recipe["entities"], recipe["valid"])
    return report
