"""Skip-gram word vectors of recipe text, with every ingredient entity also as one token (SEJE)."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from seje.errors import SejeError
from seje.progress import say
from seje.text.tokens import tokens, words
from seje.vocabulary.kitchen_words import NO_INGREDIENT
from seje.vocabulary.lexicon import Lexicon, join
from seje.vocabulary.plurals import stem
from seje.word2vec.settings import Word2vecSettings

MIN_PHRASE = 5  # times that two words stand together before they can be an entity


class Texts(Protocol):
    """What can be iterated again and again, giving one text after another."""

    def __iter__(self) -> Iterator[str]: ...


class Sentences:
    """Words of each text, and once more with its entities joined where it holds one; re-iterable."""

    def __init__(self, texts: Texts, entities: Lexicon) -> None:
        self._texts = texts
        self._entities = entities

    def __iter__(self) -> Iterator[list[str]]:
        for text in self._texts:
            plain = words(text)
            if not plain:
                continue
            yield plain
            joined = join(plain, self._entities)
            if joined:
                yield joined


def phrases(lines: Texts) -> list[str]:
    """Find entities of two and three words in re-iterable ingredient lines by collocation (gensim's Phrases).

    Units, quantities, preparations and function words part a line, so that `cups_flour` is never found.
    """
    from gensim.models.phrases import Phrases

    runs = _Runs(lines)
    pairs = Phrases(runs, min_count=MIN_PHRASE, threshold=1.0)
    triples = Phrases(pairs[runs], min_count=MIN_PHRASE, threshold=1.0)
    return sorted({token for run in triples[pairs[runs]] for token in run if "_" in token})


class _Runs:
    """Unbroken runs of words of a line that can name an ingredient."""

    def __init__(self, lines: Texts) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[list[str]]:
        for line in self._lines:
            for inside, run in groupby(tokens(line), key=_can_name):
                if inside:
                    yield list(run)


def _can_name(token: str) -> bool:
    return token[0].isalpha() and stem(token) not in NO_INGREDIENT


def stable_hash(word: str) -> int:
    """Hash a word alike in every process, whatever PYTHONHASHSEED is."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def train(sentences: Iterable[list[str]], settings: Word2vecSettings) -> Any:
    """Train skip-gram on re-iterable sentences; the settings have gensim's own names; returns its model."""
    from gensim.models import Word2Vec

    model = Word2Vec(sg=1, hashfxn=stable_hash, **settings.model_dump())
    model.build_vocab(sentences)
    if not len(model.wv):
        raise SejeError(
            f"no word of the train partition occurs {settings.min_count} times: lower word2vec.min_count"
        )
    lines = [_epoch_line(settings.epochs)]
    model.train(sentences, total_examples=model.corpus_count, epochs=settings.epochs, callbacks=lines)
    return model


def save(model: Any, path: Path) -> None:
    """Write the vectors in word2vec's binary format."""
    model.wv.save_word2vec_format(str(path), binary=True)


def _epoch_line(epochs: int) -> Any:
    from gensim.models.callbacks import CallbackAny2Vec

    class EpochLine(CallbackAny2Vec):  # type: ignore[misc]
        """One line an epoch."""

        done = 0

        def on_epoch_end(self, model: Any) -> None:
            """Say which epoch is done."""
            self.done += 1
            say(f"word2vec: epoch {self.done} of {epochs}")

    return EpochLine()
