"""The stages on text with a corpus in shards: what is in one shard, and the same bytes after a kill."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import run_stages, small_params
from typer.testing import CliRunner

from seje.cli import app
from seje.errors import SejeError
from seje.ranking import stage as ranking
from seje.shards import manifest
from seje.workspace import files, paths
from seje.workspace.params import load

pytestmark = pytest.mark.slow

STAGES = ["corpus", "word2vec", "keyterms", "ranking", "instructions"]
# Runs a stage in one process, and kills it as soon as a shard of a piece of its work is there.
KILLED = """
import os, signal, sys
from seje.cli import app
from seje.shards.place import Place
stage, piece, last = sys.argv[1:]
put = Place.put
def dying(place, number, *given):
    record = put(place, number, *given)
    if place.address.endswith(piece) and number == int(last):
        os.kill(os.getpid(), signal.SIGKILL)
    return record
Place.put = dying
os.cpu_count = lambda: 1
app([stage])
"""


def run(folder: Path, stages: list[str], shard: int, store: str | None = None, **ranking: object) -> Path:
    given = {"kitchen": {"recipes": 40, "photos": False}, "corpus": {"shard": shard}}
    given["cluster"] = {"store": store}
    (folder / "params.yaml").write_text(small_params(**given, ranking={"words": 16} | ranking))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 1)  # processes would take longer than the work
        run_stages(folder, stages)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The same small corpus as one shard, and cut into several."""
    whole = tmp_path_factory.mktemp("whole")
    run(whole, ["kitchen"], 4096)
    cut = tmp_path_factory.mktemp("cut") / "folder"
    shutil.copytree(whole, cut)
    return run(whole, STAGES, 4096), run(cut, STAGES, 3)


def both(folders, read):
    """What a reader gives in the two folders."""
    found = []
    for folder in folders:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            found.append(read())
    return found


def test_one_shard_is_the_file_and_several_hold_the_same(folders):
    whole, cut = folders
    tables = [paths.Corpus.RECIPES, paths.Keyterms.TERMS, paths.Ranking.SCORES]
    for path in [*tables, paths.Ranking.FEATURES, paths.Instructions.VECTORS]:
        assert (whole / path).is_file() and not manifest.manifest_of(whole / path).exists()
        assert not (cut / path).exists() and len(manifest.parts(cut / path)) >= 4
    for path in tables:
        one, several = both(folders, lambda path=path: files.read_table(path, "x").to_pylist())
        assert one == several
    for path in [paths.Keyterms.TAGGER, paths.Ranking.IDF, paths.Instructions.ENCODER]:
        assert (whole / path).read_bytes() == (cut / path).read_bytes()
    assert not list((cut / "checkpoints").rglob("*.*"))


def test_arrays_of_several_shards_are_that_of_one(folders):
    arrays = [paths.Ranking.FEATURES, paths.Ranking.WORDS, paths.Instructions.OFFSETS]
    for path in [*arrays, paths.Instructions.LINE_OFFSETS]:
        one, several = both(folders, lambda path=path: np.asarray(files.read_array(path, "x")))
        assert one.dtype == several.dtype and np.array_equal(one, several), path
    for path in (paths.Instructions.VECTORS, paths.Instructions.LINES):
        one, several = both(folders, lambda path=path: np.asarray(files.read_array(path, "x")))
        # Other sentences share a batch: float32 differs in its last digit, and float16 by a step at most.
        assert one.shape == several.shape and np.abs(one - several).max() <= 2**-11, path


@pytest.mark.parametrize("stage", ["keyterms", "ranking", "instructions"])
def test_numbers_of_several_shards_are_those_of_one(folders, stage):
    one, several = both(folders, lambda: files.read_json(paths.metrics(stage), stage))
    if stage == "instructions":  # a sentence is encoded once in each shard that has it
        assert several.pop("distinct_sentences") >= one.pop("distinct_sentences")
    assert one == several


@pytest.mark.parametrize(
    ("stage", "piece", "last"),
    [
        ("keyterms", "tagged", 1),
        ("keyterms", "searched", 0),
        ("keyterms", "told", 2),
        ("ranking", "terms", 0),
        ("ranking", "rated", 1),
        ("ranking", "placed", 2),
        ("instructions", "encoded", 1),
    ],
)
def test_a_killed_stage_goes_on_and_ends_with_the_same_bytes(
    folders, tmp_path, monkeypatch, stage, piece, last
):
    _, cut = folders
    shutil.copytree(cut, tmp_path / "again")
    monkeypatch.chdir(tmp_path / "again")
    outputs = {path: path.read_bytes() for path in [*Path("pipeline", stage).iterdir(), paths.metrics(stage)]}
    shutil.rmtree(Path("pipeline", stage))
    paths.metrics(stage).unlink()
    dead = subprocess.run([sys.executable, "-c", KILLED, stage, piece, str(last)], capture_output=True)
    assert dead.returncode == -9, dead.stderr
    assert not paths.metrics(stage).exists()
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    resumed = CliRunner().invoke(app, [stage])
    assert resumed.exit_code == 0, resumed.output
    shards = len(manifest.parts(paths.Corpus.RECIPES))
    assert f"{last + 1} of {shards} shards were there" in resumed.output
    assert ("the tagger is trained already" in resumed.output) == (stage == "keyterms")
    assert {path: path.read_bytes() for path in outputs} == outputs
    assert not list(Path("checkpoints").rglob("*.*"))


def test_another_rater(folders, tmp_path):
    again = [tmp_path / "whole", tmp_path / "cut"]
    for folder, copied, shard in zip(folders, again, (4096, 3), strict=True):
        shutil.copytree(folder, copied)
        run(copied, ["ranking"], shard, method="textrank", words=0)
    one, several = both(again, lambda: np.asarray(files.read_array(paths.Ranking.FEATURES, "ranking")))
    assert np.array_equal(one, several)
    one, several = both(again, lambda: files.read_table(paths.Ranking.SCORES, "ranking").to_pylist())
    assert one == several


def test_shards_stay_in_a_store(folders, tmp_path):
    _, cut = folders
    shutil.copytree(cut, tmp_path / "again")
    for path in (paths.Keyterms.TERMS, paths.Ranking.SCORES, paths.Instructions.VECTORS):
        manifest.remove(tmp_path / "again" / path)
    again = [cut, run(tmp_path / "again", STAGES[2:], 3, str(tmp_path / "store"))]
    for path in (paths.Keyterms.TERMS, paths.Ranking.SCORES):
        assert all(part.is_relative_to(tmp_path / "store") for part in manifest.parts(again[1] / path))
        one, several = both(again, lambda path=path: files.read_table(path, "x").to_pylist())
        assert one == several
    one, several = both(again, lambda: np.asarray(files.read_array(paths.Instructions.VECTORS, "x")))
    assert np.array_equal(one, several)


def test_key_terms_that_are_cut_otherwise_are_refused(folders, tmp_path, monkeypatch):
    whole, cut = folders
    shutil.copytree(cut, tmp_path / "again")
    monkeypatch.chdir(tmp_path / "again")
    manifest.remove(paths.Keyterms.TERMS)
    shutil.copy(whole / paths.Keyterms.TERMS, paths.Keyterms.TERMS)
    with pytest.raises(SejeError, match="dvc repro keyterms"):
        ranking.run(load(Path("params.yaml")).ranking)
