"""Stage `word2vec`: skip-gram vectors of words and ingredient entities, from the train partition alone."""

from collections.abc import Iterator
from typing import Any

from seje.errors import SejeError
from seje.text import vectors
from seje.text.tokens import entity_token, words
from seje.vocabulary.lexicon import Lexicon
from seje.word2vec import training
from seje.word2vec.settings import Word2vecSettings
from seje.workspace import files, paths

COLUMNS = ["partition", "title", "ingredients", "instructions", "entities", "valid"]


class Texts:
    """Title, ingredient lines and instructions of the recipes of some partitions, one text at a time."""

    def __init__(self, table: Any, partitions: set[str]) -> None:
        self._table = table
        self._partitions = partitions

    def __iter__(self) -> Iterator[str]:
        for recipe in self.recipes():
            yield recipe["title"]
            yield from recipe["ingredients"]
            yield from recipe["instructions"]

    def recipes(self) -> Iterator[dict[str, Any]]:
        """Yield the recipes themselves."""
        for batch in self._table.to_batches(max_chunksize=1024):
            yield from (recipe for recipe in batch.to_pylist() if recipe["partition"] in self._partitions)


class TextLines:
    """Ingredient lines of recipes without given names; re-iterable, as `phrases` needs them."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[str]:
        for recipe in self._texts.recipes():
            if not recipe["entities"]:
                yield from recipe["ingredients"]


def run(settings: Word2vecSettings) -> None:
    """Train the vectors and write them with what they cover."""
    table = files.read_table(paths.Corpus.RECIPES, "corpus", COLUMNS)
    train = Texts(table, {"train"})
    if not any(True for _ in train):
        raise SejeError(f"{paths.Corpus.RECIPES} has no recipe in the train partition: check corpus.source")
    entities = _entities(train)
    model = training.train(training.Sentences(train, Lexicon(entities)), settings)
    with files.atomic(paths.Word2vec.VECTORS) as part:
        training.save(model, part)
    known = vectors.load(paths.Word2vec.VECTORS)
    files.write_json(
        paths.metrics("word2vec"),
        {
            "vocabulary": len(known.rows),
            "entities": sum("_" in word for word in known.rows),
            "sentences": model.corpus_count,
            "words": model.corpus_total_words,
            "unseen": _unseen(Texts(table, {"val", "test"}), known),
        },
    )


def _entities(train: Texts) -> list[str]:
    """Names that det_ingrs.json gives; for other recipes, what stands together often in their lines."""
    named = {
        entity_token(name)
        for recipe in train.recipes()
        for name, valid in zip(recipe["entities"] or (), recipe["valid"] or (), strict=True)
        if valid
    }
    return sorted(named | set(training.phrases(TextLines(train))))


def _unseen(texts: Texts, known: vectors.WordVectors) -> float:
    """Share of the texts' words that have no vector."""
    seen = total = 0
    for text in texts:
        spoken = words(text)
        total += len(spoken)
        seen += sum(word in known.rows for word in spoken)
    return 1 - seen / total if total else 0.0
