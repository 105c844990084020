"""Stage `instructions`: the sentence encoder, and a vector for every line of every recipe."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import torch

from seje.data.arrays import new_array
from seje.errors import SejeError
from seje.instructions import encoders, skip
from seje.instructions.distinct import Instructions, distinct_sentences, titled
from seje.instructions.settings import InstructionsSettings
from seje.instructions.skip_examples import Examples, examples
from seje.instructions.skip_training import train
from seje.progress import say, track
from seje.text import vectors
from seje.workspace import checkpoints, files, paths

INPUTS = [paths.Corpus.RECIPES, paths.Word2vec.VECTORS]


def run(instructions: InstructionsSettings) -> None:
    """Train skip-instructions on train, or go on where a killed run stopped; then encode all partitions."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    columns = ["partition", "title", "ingredients", "instructions"]
    table = files.read_table(paths.Corpus.RECIPES, "corpus", columns)
    words = vectors.load(files.need(paths.Word2vec.VECTORS, "word2vec"))
    lines = distinct_sentences(table["instructions"])
    known = checkpoints.fingerprint("instructions", instructions.model_dump(), INPUTS)
    checkpoint = paths.checkpoint("instructions", known)

    config: dict[str, Any] = {"encoder": instructions.encoder}
    weights: dict[str, torch.Tensor] = {}
    measured: dict[str, float] = {}
    if instructions.encoder == "skip":
        in_train, in_val = (pc.equal(table["partition"], name).to_numpy() for name in ("train", "val"))
        learning = examples(
            lines,
            in_train,
            in_val,
            vocabulary=instructions.vocabulary,
            max_words=instructions.max_words,
            previous=instructions.previous,
        )
        sizes = skip.SkipSizes(learning.classes, words.size, instructions.hidden, instructions.layers)
        weights, measured = _train(sizes, learning, words, instructions, checkpoint)
        config |= {"sizes": asdict(sizes), "max_words": instructions.max_words}
        config["vocabulary"] = learning.vocabulary
    elif instructions.encoder == "pretrained":
        config["model"] = instructions.model

    encoder = encoders.rebuild(config, weights, words)
    without = _write_vectors(encoder, lines, paths.Instructions.VECTORS)
    files.write_array(paths.Instructions.OFFSETS, lines.offsets)
    others = distinct_sentences(titled(table["title"], table["ingredients"]))
    _write_vectors(encoder, others, paths.Instructions.LINES)
    files.write_array(paths.Instructions.LINE_OFFSETS, others.offsets)
    files.write_weights(paths.Instructions.ENCODER, weights, config)
    size = {
        "sentences": len(lines.rows),
        "distinct_sentences": len(lines.distinct),
        "without_vector": without,
    }
    files.write_json(paths.metrics("instructions"), {**size, **measured})
    checkpoints.remove(checkpoint)


def _train(
    sizes: skip.SkipSizes,
    learning: Examples,
    words: vectors.WordVectors,
    instructions: InstructionsSettings,
    checkpoint: Path,
) -> tuple[dict[str, torch.Tensor], dict[str, float]]:
    """Train skip-instructions, saving the state after each epoch; the encoder's weights and perplexities."""
    if not len(learning.train):
        raise SejeError(f"{paths.Corpus.RECIPES} has no words in instructions of train: see corpus.source")
    torch.manual_seed(instructions.seed)
    model = skip.SkipInstructions(sizes, decoders=learning.train.shape[1] - 1)
    skip.start_table(model.encoder, learning.vocabulary, words)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    state = saved = checkpoints.load(checkpoint)
    if saved:
        say(f"instructions: going on after epoch {saved['epoch']}")
    states = train(
        model,
        learning.sentences,
        learning.train,
        learning.val,
        epochs=instructions.epochs,
        batch=instructions.batch,
        lr=instructions.lr,
        seed=instructions.seed,
        state=saved,
    )
    for state in states:
        checkpoints.save(checkpoint, state)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in state["reached"].items())
        say(f"instructions: epoch {state['epoch']}: {shown}")
    facts = {"vocabulary": len(learning.vocabulary), **learning.baseline()}
    weights = {name: tensor.cpu() for name, tensor in model.encoder.state_dict().items()}
    return weights, {**facts, **(state["reached"] if state else {})}


def _write_vectors(encoder: encoders.SentenceEncoder, lines: Instructions, path: Path) -> int:
    """Encode each distinct sentence once, write its vector wherever it stands; how many vectors are zero."""
    without = 0
    with files.atomic(path) as part:
        shape = (len(lines.rows), encoder.size)
        out = new_array(part, np.float16, shape)
        for texts, places, rows in track(lines.chunks(), f"chunks of {path.stem}"):
            coded = encoder.encode(texts).astype(np.float16)
            out[places] = coded[rows]
            without += int((~np.any(coded, axis=1)[rows]).sum())
        out.flush()
    return without
