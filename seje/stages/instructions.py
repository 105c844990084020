"""Stage `instructions`: the skip-instructions encoder, and a vector for every instruction of every recipe."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import torch

from seje import checkpoints, files, params, paths
from seje.errors import SejeError
from seje.progress import say, track
from seje.text import sentences as text
from seje.text import skip, vectors
from seje.text.instructions import Instructions, distinct_sentences, with_recipe_end
from seje.text.skip_training import Settings, train

INPUTS = [paths.Corpus.RECIPES, paths.Word2vec.VECTORS]


def run(instructions: params.Instructions) -> None:
    """Train on the train partition, or go on where a killed run stopped; then encode all partitions."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.manual_seed(instructions.seed)
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["partition", "instructions"])
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    in_train, in_val = (pc.equal(table["partition"], name).to_numpy() for name in ("train", "val"))
    lines = distinct_sentences(table["instructions"])
    counts, limit = lines.counts(in_train), instructions.max_words
    vocabulary = text.frequent_words(lines.texts(), counts.tolist(), instructions.vocabulary, limit)
    sentences = with_recipe_end(text.number(lines.texts(), vocabulary, limit))
    pairs, val = lines.pairs(in_train, sentences), lines.pairs(in_val, sentences)
    if not len(pairs):
        raise SejeError(f"{paths.Corpus.RECIPES} has no words in instructions of train: see corpus.source")

    sizes = skip.Sizes(text.SIGNS + len(vocabulary), words.size, instructions.hidden, instructions.layers)
    model = skip.SkipInstructions(sizes)
    skip.start_table(model.encoder, vocabulary, words)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    checkpoint = paths.checkpoint("instructions", checkpoints.fingerprint(instructions.model_dump(), INPUTS))
    reached = _train(model, sentences, pairs, val, instructions, checkpoint)

    _write_vectors(model.encoder, sentences, lines, instructions.batch)
    files.write_array(paths.Instructions.OFFSETS, lines.offsets)
    config = {"sizes": asdict(sizes), "max_words": limit, "vocabulary": vocabulary}
    files.write_weights(paths.Instructions.ENCODER, model.encoder.cpu().state_dict(), config)
    size = {"vocabulary": len(vocabulary), "sentences": len(lines.rows), "distinct_sentences": len(counts)}
    baseline = _baseline(sentences, pairs[:, 1], val[:, 1], sizes.classes)
    files.write_json(paths.metrics("instructions"), {**size, **reached, **baseline})
    checkpoints.remove(checkpoint)


def _train(
    model: skip.SkipInstructions,
    sentences: text.Sentences,
    pairs: text.Ints,
    val: text.Ints,
    instructions: params.Instructions,
    checkpoint: Path,
) -> dict[str, float]:
    """Train the model, saving its state after each epoch; return the perplexities after the last."""
    names = set(Settings.__dataclass_fields__)
    settings = Settings(**instructions.model_dump(include=names))
    state = saved = checkpoints.load(checkpoint)
    if saved:
        say(f"instructions: going on after epoch {saved['epoch']}")
    for state in train(model, sentences, pairs, val, settings, saved):
        checkpoints.save(checkpoint, state)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in state["reached"].items())
        say(f"instructions: epoch {state['epoch']}: {shown}")
    return dict(state["reached"]) if state else {}


def _baseline(sentences: text.Sentences, learnt: text.Ints, val: text.Ints, classes: int) -> dict[str, float]:
    """Perplexity of word frequencies on the same words, and the share of words the vocabulary lacks."""
    if not len(val):
        return {}
    fitted, measured = (text.id_counts(sentences, rows, classes) for rows in (learnt, val))
    words = measured.sum() - measured[[text.RECIPE_END, text.END]].sum()
    unigram = text.unigram_perplexity(fitted[text.UNKNOWN :], measured[text.UNKNOWN :])  # none is padding
    return {"unigram_perplexity": unigram, "unknown_words": measured[text.UNKNOWN] / max(1, words)}


def _write_vectors(encoder: skip.Encoder, sentences: text.Sentences, lines: Instructions, batch: int) -> None:
    """Encode each distinct sentence once and write its vector wherever it stands, chunk by chunk."""
    shape = (len(lines.rows), encoder.lstm.hidden_size)
    with files.atomic(paths.Instructions.VECTORS) as part:
        out = np.lib.format.open_memmap(part, mode="w+", dtype=np.float16, shape=shape)
        for rows, places in track(lines.places(), "chunks of instruction vectors"):
            coded = skip.encode(encoder, sentences, rows, batch)
            out[places] = coded[lines.rows[places] - rows[0]]
        out.flush()
