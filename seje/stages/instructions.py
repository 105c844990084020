"""Stage `instructions`: the skip-instructions encoder, and a vector for every instruction of every recipe."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from seje import checkpoints, files, params, paths
from seje.errors import SejeError
from seje.progress import say, track
from seje.text import sentences as text
from seje.text import skip, vectors

CHUNK = 65536  # distinct sentences held as strings or vectors at a time


@dataclass(frozen=True)
class _Corpus:
    """Each distinct sentence once, and the recipes' instructions as numbers of sentences."""

    texts: Any  # pyarrow strings [N]
    rows: text.Ints  # [S]
    offsets: text.Ints  # [R + 1], recipe r has `rows[offsets[r]:offsets[r + 1]]`
    partitions: Any  # pyarrow strings [R]

    def strings(self) -> Iterator[str]:
        for start in range(0, len(self.texts), CHUNK):
            yield from self.texts.slice(start, CHUNK).to_pylist()

    def pairs(self, partition: str, sentences: text.Sentences) -> text.Ints:
        chosen = pc.equal(self.partitions, partition).to_numpy()
        return text.next_pairs(self.rows, self.offsets, chosen, sentences)


def run(instructions: params.Instructions) -> None:
    """Train on the train partition, or go on where a killed run stopped; then encode all partitions."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.manual_seed(instructions.seed)
    corpus = _read()
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    vocabulary = _vocabulary(corpus, instructions)
    numbered = text.number(corpus.strings(), vocabulary, instructions.max_words)
    sentences = text.with_recipe_end(numbered)
    train, val = (corpus.pairs(partition, sentences) for partition in ("train", "val"))
    if not len(train):
        raise SejeError(f"{paths.Corpus.RECIPES}: the train partition has no instructions: see corpus.source")
    sizes = skip.Sizes(text.SIGNS + len(vocabulary), words.size, instructions.hidden, instructions.layers)
    model = skip.SkipInstructions(sizes)
    skip.start_table(model.encoder, vocabulary, words)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    settings = instructions.model_dump()
    fingerprint = checkpoints.fingerprint(settings, [paths.Corpus.RECIPES, paths.Word2vec.VECTORS])
    checkpoint = paths.checkpoint("instructions", fingerprint)
    reached = _train(model, sentences, train, val, instructions, checkpoint)
    _write_vectors(model.encoder, sentences, corpus, instructions.batch)
    files.write_array(paths.Instructions.OFFSETS, corpus.offsets)
    config = {**sizes.config(), "max_words": instructions.max_words, "vocabulary": vocabulary}
    files.write_weights(paths.Instructions.ENCODER, model.encoder.cpu().state_dict(), config)
    size = {
        "vocabulary": len(vocabulary),
        "sentences": len(corpus.rows),
        "distinct_sentences": len(corpus.texts),
    }
    files.write_json(
        paths.metrics("instructions"), {**size, **reached, **_baseline(sentences, train, val, sizes)}
    )
    checkpoints.remove(checkpoint)


def _read() -> _Corpus:
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["partition", "instructions"])
    lengths = pc.list_value_length(table["instructions"]).to_numpy()
    lines = (
        pc.list_flatten(table["instructions"]).cast(pa.large_string()).combine_chunks().dictionary_encode()
    )
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return _Corpus(lines.dictionary, lines.indices.to_numpy().astype(np.int64), offsets, table["partition"])


def _vocabulary(corpus: _Corpus, instructions: params.Instructions) -> list[str]:
    of_train = np.repeat(pc.equal(corpus.partitions, "train").to_numpy(), np.diff(corpus.offsets))
    counts = np.bincount(corpus.rows[of_train], minlength=len(corpus.texts))
    limits = instructions.vocabulary, instructions.max_words
    return text.frequent_words(corpus.strings(), counts.tolist(), *limits)


def _train(
    model: skip.SkipInstructions,
    sentences: text.Sentences,
    train: text.Ints,
    val: text.Ints,
    instructions: params.Instructions,
    checkpoint: Path,
) -> dict[str, float]:
    """Train epoch by epoch, each with randomness of its own; return the perplexities after the last."""
    optimizer = torch.optim.Adam(model.parameters(), lr=instructions.lr)
    done, reached = 0, {}
    if state := checkpoints.load(checkpoint):
        done, reached = state["epochs"], state["reached"]
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        say(f"instructions: going on after epoch {done}")
    for epoch in range(done + 1, instructions.epochs + 1):
        random = np.random.default_rng([instructions.seed, epoch])
        learnt = skip.train_epoch(model, optimizer, sentences, train, instructions.batch, random)
        reached = {"train_perplexity": learnt}
        if len(val):
            reached["perplexity"] = skip.perplexity(model, sentences, val, instructions.batch)
        say(
            f"instructions: epoch {epoch}: "
            + ", ".join(f"{name} {value:.4g}" for name, value in reached.items())
        )
        state = {"epochs": epoch, "reached": reached, "model": model.state_dict()}
        checkpoints.save(checkpoint, {**state, "optimizer": optimizer.state_dict()})
    return reached


def _baseline(
    sentences: text.Sentences, train: text.Ints, val: text.Ints, sizes: skip.Sizes
) -> dict[str, float]:
    """Perplexity of word frequencies on the same words, and the share of words the vocabulary lacks."""
    if not len(val):
        return {}
    fitted, measured = (text.id_counts(sentences, pairs[:, 1], sizes.classes) for pairs in (train, val))
    words = measured.sum() - measured[[text.RECIPE_END, text.END]].sum()
    return {
        "unigram_perplexity": text.unigram_perplexity(fitted[text.UNKNOWN :], measured[text.UNKNOWN :]),
        "unknown_words": float(measured[text.UNKNOWN] / max(1, words)),
    }


def _write_vectors(encoder: skip.Encoder, sentences: text.Sentences, corpus: _Corpus, batch: int) -> None:
    """Encode each distinct sentence once and write its vector wherever it stands, chunk by chunk."""
    shape = (len(corpus.rows), encoder.lstm.hidden_size)
    places = np.argsort(corpus.rows, kind="stable")  # of sentence 0, then of sentence 1, ...
    firsts = np.searchsorted(corpus.rows, np.arange(len(corpus.texts) + 1), sorter=places)
    with files.atomic(paths.Instructions.VECTORS) as part:
        out = np.lib.format.open_memmap(part, mode="w+", dtype=np.float16, shape=shape)
        for start in track(range(0, len(corpus.texts), CHUNK), "instruction vectors"):
            stop = min(start + CHUNK, len(corpus.texts))
            coded = skip.encode(encoder, sentences, np.arange(start, stop), batch)
            here = places[firsts[start] : firsts[stop]]
            out[here] = coded[corpus.rows[here] - start]
        out.flush()
        del out
