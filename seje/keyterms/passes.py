"""Key terms of a shard of recipes, in three passes (SEJE).

The passes: judge every line; of the entities found, count where texts mention them; list the terms. A worker
makes each of files alone, and goes through its shard in chunks: what it holds does not grow with the shard.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from seje.data.parallel import chunks
from seje.data.records import Recipe
from seje.data.weights import load_weights
from seje.keyterms.extraction import lines
from seje.keyterms.extractor import judge, rebuild
from seje.keyterms.reexamination import Mentions, tagged_entity
from seje.keyterms.summary import Report
from seje.keyterms.tagger import Tagger
from seje.keyterms.tagging import Verdict
from seje.shards import manifest
from seje.shards.place import digest
from seje.shards.tables import row_writer, shard_batches
from seje.shards.work import Made, Notes, Task
from seje.text.tokens import tokens
from seje.vocabulary.lexicon import Lexicon

CHUNK = 512  # recipes
_STRINGS = pa.list_(pa.string())
TERMS = pa.schema({"id": pa.string(), "terms": _STRINGS, "kinds": _STRINGS, "fields": _STRINGS})
VERDICTS = pa.schema({"places": pa.list_(pa.int16()), "valid": pa.bool_(), "heading": pa.bool_()})
COLUMNS = [field.name for field in fields(Recipe)]
# Files of a shard: a row for each line, for each entity, for each recipe.
JUDGED, COUNTED, LISTED = "verdicts.parquet", "entities.parquet", "keyterms.parquet"


class Judge:
    """First pass: tags every line, and counts how often each entity stands in the chosen partitions.

    Args:
        recipes: the corpus's table, or its shards.
        trained: a state that holds the tagger's `config` and `weights`.
        partitions: those whose entities are counted.
    """

    def __init__(self, recipes: Path, trained: Path, partitions: Collection[str]) -> None:
        self._recipes, self._partitions, self._read = recipes, partitions, digest(trained)
        state = torch.load(trained, map_location="cpu", weights_only=True)
        self._tagger = Tagger(**state["config"])
        self._tagger.load_state_dict(state["weights"])
        self._tagger.eval()

    def reads(self, task: Task) -> str:
        """Hash of the tagger."""
        return self._read

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write verdicts, a chunk's lines judged at once, and counts of entities."""
        entities: Counter[str] = Counter()
        rows = 0
        with pq.ParquetWriter(folder / JUDGED, VERDICTS, compression="zstd") as writer:
            for chunk in chunks(_recipes(self._recipes, task), CHUNK):
                found = judge(self._tagger, [recipe.ingredients for recipe in chunk])
                verdicts = [verdict for _, judged in found for verdict in judged]
                columns = zip(*verdicts, strict=True) if verdicts else ((), (), ())
                writer.write_table(pa.table(dict(zip(VERDICTS.names, columns, strict=True)), VERDICTS))
                rows += len(verdicts)
                for recipe, pairs in zip(chunk, found, strict=True):
                    if recipe.partition in self._partitions:
                        entities.update(tagged_entity(*pair) for pair in zip(*pairs, strict=True))
        _write_counts(folder / COUNTED, {"times": entities})
        return Made({JUDGED: rows, COUNTED: len(entities)}, {})


class Mention:
    """Second pass: counts how many recipes mention each entity, and how many of these list it.

    Args:
        recipes: the corpus's table, or its shards.
        verdicts: those on its lines, in as many shards.
        known: a JSON file of entities.
        partitions: those whose recipes are counted.
    """

    def __init__(self, recipes: Path, verdicts: Path, known: Path, partitions: Collection[str]) -> None:
        self._recipes, self._verdicts, self._partitions = recipes, verdicts, partitions
        self._known = Lexicon(json.loads(known.read_text(encoding="utf-8")), tolerant=True)
        self._read = digest(known)

    def reads(self, task: Task) -> str:
        """Hashes of the entities and of the verdicts."""
        return self._read + digest(manifest.part(self._verdicts, task.number))

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Count over the recipes of the chosen partitions."""
        mentions = Mentions()
        for recipe, judged in _judged(self._recipes, self._verdicts, task):
            if recipe.partition in self._partitions:
                own = [tagged_entity(*pair) for pair in zip(lines(recipe), judged, strict=True)]
                mentions.add(self._known, own, map(tokens, [recipe.title, *recipe.instructions]))
        _write_counts(folder / COUNTED, {"mentioned": mentions.mentioned, "listed": mentions.listed})
        return Made({COUNTED: len(mentions.mentioned)}, {})


class ListTerms:
    """Third pass: lists the key terms.

    Args:
        recipes: the corpus's table, or its shards.
        verdicts: those on its lines, in as many shards.
        tagger: its weights, with its config and the entities beside them, as the stage writes them.
    """

    def __init__(self, recipes: Path, verdicts: Path, tagger: Path) -> None:
        self._recipes, self._verdicts = recipes, verdicts
        weights, config = load_weights(tagger)
        self._extractor = rebuild(config, weights)
        self._read = digest(tagger) + digest(tagger.with_suffix(".json"))

    def reads(self, task: Task) -> str:
        """Hashes of the tagger, of the entities and of the verdicts."""
        return self._read + digest(manifest.part(self._verdicts, task.number))

    def __call__(self, task: Task, folder: Path, notes: Notes) -> Made:
        """Write each recipe's terms; the counts are those of a `Report`."""
        report = Report()
        with row_writer(folder / LISTED, TERMS) as keep:
            for recipe, judged in _judged(self._recipes, self._verdicts, task):
                words = lines(recipe)
                entities = self._extractor.reexamine(words, judged)
                terms = self._extractor.judged_terms(recipe.title, words, entities, recipe.instructions)
                columns = zip(*terms, strict=True) if terms else ((), (), ())
                keep({"id": recipe.id, **dict(zip(TERMS.names[1:], columns, strict=True))})
                report.add(entities, terms)
                if recipe.partition != "train" and recipe.entities and recipe.valid:
                    report.compare(recipe.partition, words, judged, entities, recipe.entities, recipe.valid)
        return Made({LISTED: task.rows}, report.counts())


def _recipes(recipes: Path, task: Task) -> Iterator[Recipe]:
    for batch in shard_batches(recipes, task.number, COLUMNS, CHUNK):
        yield from (Recipe(**row) for row in batch.to_pylist())


def _judged(recipes: Path, verdicts: Path, task: Task) -> Iterator[tuple[Recipe, list[Verdict]]]:
    """Yield each recipe with the verdicts on its lines."""
    batches = shard_batches(verdicts, task.number, VERDICTS.names)
    columns = ([batch[name].to_pylist() for name in VERDICTS.names] for batch in batches)
    found = (Verdict(tuple(places), *told) for part in columns for places, *told in zip(*part, strict=True))
    for recipe in _recipes(recipes, task):
        yield recipe, list(islice(found, len(recipe.ingredients)))


def _write_counts(path: Path, counts: Mapping[str, Counter[str]]) -> None:
    """Write how often each entity was counted, by its spelling: sets come in another order each time."""
    columns: dict[str, Any] = {"entity": pa.array(sorted(set().union(*counts.values())), pa.string())}
    for name, times in counts.items():
        columns[name] = pa.array([times[entity.as_py()] for entity in columns["entity"]], pa.int64())
    pq.write_table(pa.table(columns), path)
