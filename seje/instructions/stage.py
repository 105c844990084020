"""Stage `instructions`: the sentence encoder, and a vector for every line of every recipe."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import torch

from seje.data.arrays import new_array
from seje.errors import SejeError
from seje.instructions import skip
from seje.instructions.distinct import distinct_sentences
from seje.instructions.encoding import LENGTHS, LINE_LENGTHS, LINES, VECTORS, Encode
from seje.instructions.settings import InstructionsSettings
from seje.instructions.skip_examples import Examples, examples
from seje.instructions.skip_training import train
from seje.progress import say
from seje.shards.settings import ClusterSettings
from seje.text import vectors
from seje.workspace import checkpoints, files, paths
from seje.workspace.sharding import LOCAL, Sharded, told

INPUTS = [paths.Corpus.RECIPES, paths.Word2vec.VECTORS]
ENCODED = "encoded"  # the piece of work


def run(instructions: InstructionsSettings, cluster: ClusterSettings = LOCAL) -> None:
    """Train skip-instructions on train, or go on where a killed run stopped; then encode all partitions."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    for path in INPUTS:
        files.need(path, path.parent.name)
    sharded = Sharded("instructions", instructions.model_dump(), INPUTS, cluster)
    checkpoint = paths.checkpoint("instructions", sharded.known)
    weights, config, measured = _encoder(instructions, checkpoint)
    files.write_weights(paths.Instructions.ENCODER, weights, config)
    encode = partial(Encode, paths.Corpus.RECIPES, paths.Instructions.ENCODER, paths.Word2vec.VECTORS)
    records = sharded.make(ENCODED, encode, "gpu", "recipes whose lines are encoded")
    sharded.take(paths.Instructions.VECTORS, ENCODED, records, VECTORS)
    sharded.take(paths.Instructions.LINES, ENCODED, records, LINES)
    recipes = sum(record.files[LENGTHS].rows for record in records)
    _write_offsets(paths.Instructions.OFFSETS, recipes, sharded.arrays(ENCODED, records, LENGTHS))
    _write_offsets(paths.Instructions.LINE_OFFSETS, recipes, sharded.arrays(ENCODED, records, LINE_LENGTHS))
    size = {
        "sentences": sum(record.files[VECTORS].rows for record in records),
        "distinct_sentences": told(records, "distinct"),  # within their shards: as many are encoded
        "without_vector": told(records, "without"),
    }
    files.write_json(paths.metrics("instructions"), {**size, **measured})
    sharded.done()
    checkpoints.remove(checkpoint)


def _encoder(
    instructions: InstructionsSettings, checkpoint: Path
) -> tuple[dict[str, torch.Tensor], dict[str, Any], dict[str, float]]:
    """The encoder's weights and config, trained if need be, and what was measured of it."""
    config: dict[str, Any] = {"encoder": instructions.encoder}
    if instructions.encoder == "pretrained":
        return {}, config | {"model": instructions.model}, {}
    if instructions.encoder == "mean":
        return {}, config, {}
    table = files.read_table(paths.Corpus.RECIPES, "corpus", ["partition", "instructions"])
    words = vectors.load(paths.Word2vec.VECTORS)
    in_train, in_val = (pc.equal(table["partition"], name).to_numpy() for name in ("train", "val"))
    learning = examples(
        distinct_sentences(table["instructions"]),
        in_train,
        in_val,
        vocabulary=instructions.vocabulary,
        max_words=instructions.max_words,
        previous=instructions.previous,
    )
    sizes = skip.SkipSizes(learning.classes, words.size, instructions.hidden, instructions.layers)
    weights, measured = _train(sizes, learning, words, instructions, checkpoint)
    config |= {"sizes": asdict(sizes), "max_words": instructions.max_words}
    return weights, config | {"vocabulary": learning.vocabulary}, measured


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


def _write_offsets(path: Path, recipes: int, lengths: Iterator[Any]) -> None:
    """Write where the lines of each recipe begin in all shards together, and where they end: [R + 1]."""
    with files.atomic(path) as part:
        out = new_array(part, np.int64, (recipes + 1,))
        row = out[0] = 0
        for own in lengths:
            np.cumsum(own, out=out[row + 1 : row + 1 + len(own)])
            out[row + 1 : row + 1 + len(own)] += out[row]
            row += len(own)
        out.flush()
