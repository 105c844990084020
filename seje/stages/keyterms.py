"""Stage `keyterms`: trains the ingredient tagger; finds ingredients, actions and utensils of every recipe."""

from collections.abc import Iterator
from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from seje import files, params, paths
from seje.data.records import Recipe
from seje.errors import SejeError
from seje.progress import track
from seje.text import extraction, tagging, vectors
from seje.text.keyterms import recipe_terms
from seje.text.lexicon import Lexicon
from seje.text.reexamine import line_entity
from seje.text.report import Report

_STRINGS = pa.list_(pa.string())
TERMS = pa.schema({"id": pa.string(), "terms": _STRINGS, "kinds": _STRINGS, "fields": _STRINGS})
MOST_LINES = 500_000  # of the train partition that the tagger learns from; more would teach it no more


class Recipes:
    """The recipes of a table; re-iterable, a few at a time in memory."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[Recipe]:
        for batch in self._table.to_batches(max_chunksize=1024):
            yield from (Recipe(**row) for row in batch.to_pylist())


def run(keyterms: params.Keyterms) -> None:
    """Train the tagger, tag and re-examine every line, write every recipe's key terms."""
    table = files.read_table(paths.Corpus.RECIPES, "corpus")
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    train = pc.equal(table["partition"], "train")
    given = _is_given(keyterms, table.filter(train))
    seen = list(extraction.lessons(track(_some(table.filter(train), keyterms.seed), "labels"), given))
    learnt = [lesson for lesson in seen if lesson]
    torch.manual_seed(keyterms.seed)
    tagger = extraction.new_tagger(learnt, words, keyterms.hidden)
    settings = keyterms.model_dump(include={"epochs", "batch", "lr", "seed"})
    tagging.train(tagger, learnt, **settings)
    files.write_weights(paths.Keyterms.TAGGER, tagger.state_dict(), tagger.config())
    verdicts = extraction.judge(tagger, Recipes(table))
    chosen = train if keyterms.entities == "train" else pc.is_valid(table["partition"])
    known, common = extraction.known(
        Recipes(table.filter(chosen)), list(compress(verdicts, chosen.to_pylist()))
    )
    report = _write_terms(Recipes(table), verdicts, known, common)
    learning = {"labels": "det_ingrs" if given else "silver", "learnt": len(learnt)}
    learning["unaligned" if given else "unlabelled"] = len(seen) - len(learnt)
    files.write_json(paths.metrics("keyterms"), {"learning": learning, **report.metrics()})


def _is_given(keyterms: params.Keyterms, train: Any) -> bool:
    """Say whether labels come from det_ingrs.json."""
    named = train["entities"].null_count < len(train)
    if keyterms.labels == "det_ingrs" and not named:
        raise SejeError("keyterms.labels is det_ingrs, but corpus.source has no det_ingrs.json: make it auto")
    return named and keyterms.labels != "silver"


def _some(train: Any, seed: int) -> Recipes:
    """Choose a random part of the recipes where their lines are very many."""
    lines = pc.sum(pc.list_value_length(train["ingredients"])).as_py() or 0
    chosen = np.random.default_rng(seed).random(len(train)) < MOST_LINES / max(lines, 1)
    return Recipes(train.filter(pa.array(chosen)))


def _write_terms(recipes: Recipes, verdicts: extraction.Verdicts, known: Lexicon, common: Lexicon) -> Report:
    report = Report()
    with files.table_rows(paths.Keyterms.TERMS, TERMS) as keep:
        for recipe, judged in zip(track(recipes, "key terms"), verdicts, strict=True):
            words = extraction.lines(recipe)
            lines = [line_entity(*pair, known) for pair in zip(words, judged, strict=True)]
            terms = recipe_terms(recipe.title, words, lines, recipe.instructions, common)
            columns = zip(*terms, strict=True) if terms else ((), (), ())
            keep({"id": recipe.id, **dict(zip(("terms", "kinds", "fields"), columns, strict=True))})
            report.add(lines, terms)
            if recipe.partition != "train" and recipe.entities is not None and recipe.valid is not None:
                report.compare(recipe.partition, words, judged, lines, recipe.entities, recipe.valid)
    return report
