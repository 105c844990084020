"""All stages on a corpus in several shards: they leave what they leave of one, and search finds it."""

import json

import numpy as np
import pytest
import yaml
from conftest import ROOT, run_stages, small_params
from typer.testing import CliRunner

from seje.cli import app
from seje.photos.store import Photos
from seje.shards import manifest
from seje.workspace import files, lineage, paths

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def in_shards(tmp_path_factory):
    """The small kitchen of `small_pipeline`, cut into shards of 40 recipes."""
    folder = tmp_path_factory.mktemp("shards")
    (folder / "params.yaml").write_text(small_params(ranking={"words": 16}, corpus={"shard": 40}))
    run_stages(folder, list(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]))
    return folder


@pytest.fixture
def both(small_pipeline, in_shards, monkeypatch):
    """What a function gives in the folder of one shard, and in that of several."""

    def asked(function):
        found = []
        for folder in (small_pipeline, in_shards):
            monkeypatch.chdir(folder)
            found.append(function())
        return found

    return asked


def test_phase_one_lies_in_shards(in_shards):
    logical = [paths.Corpus.RECIPES, paths.Images.PHOTOS, paths.Keyterms.TERMS, paths.Ranking.FEATURES]
    logical += [paths.Instructions.VECTORS, paths.Categories.PIXELS, paths.Index.RECIPES]
    counts = [manifest.rows_of_parts(in_shards / path) for path in logical]
    assert all(count is not None and len(count) == len(counts[0]) > 2 for count in counts)
    assert not list((in_shards / "checkpoints").rglob("*"))


@pytest.mark.parametrize("path", [paths.Corpus.RECIPES, paths.Keyterms.TERMS])
def test_tables_are_the_same(both, path):
    one, several = both(lambda: files.read_table(path, "x"))
    assert one.equals(several.combine_chunks()) or one.to_pylist() == several.to_pylist()


def test_photos_are_the_same(both):
    one, several = both(lambda: Photos(paths.Images.PHOTOS))
    assert len(several.starts) > 2 and len(one.starts) == 1
    assert one.photos.tolist() == several.photos.tolist()
    assert one.recipes.tolist() == several.recipes.tolist()
    assert all(bytes(one.jpeg(row)) == bytes(several.jpeg(row)) for row in range(len(one)))


FLOATS = [
    paths.Ranking.FEATURES,
    paths.Ranking.WORDS,
    paths.Instructions.VECTORS,
    paths.Instructions.LINES,
    paths.Categories.PIXELS,
    paths.Categories.EMBEDDINGS,
]


@pytest.mark.parametrize("path", FLOATS, ids=str)
def test_features_are_the_same_but_for_rounding(both, path):
    """Batches are cut where shards are, and the last bits of a sum depend on what else is in its batch."""
    one, several = both(lambda: np.array(files.read_array(path, "x")[:], np.float32))
    np.testing.assert_allclose(several, one, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("path", [paths.Instructions.OFFSETS, paths.Instructions.LINE_OFFSETS], ids=str)
def test_offsets_are_the_same(both, path):
    one, several = both(lambda: files.read_array(path, "x")[:].tolist())
    assert one == several


@pytest.mark.parametrize("stage", ["corpus", "images", "keyterms", "ranking", "instructions"])
def test_metrics_are_the_same(both, stage):
    one, several = both(lambda: json.loads(paths.metrics(stage).read_text()))
    assert several == pytest.approx(one, rel=1e-3) if stage == "ranking" else several.keys() == one.keys()
    if stage in {"corpus", "images", "keyterms"}:
        assert several == one


def test_a_search_answers_and_a_swapped_shard_is_refused(in_shards, monkeypatch):
    monkeypatch.chdir(in_shards)
    lineage.check("index")
    done = CliRunner().invoke(app, ["search", "tomato soup", "--json"])
    assert done.exit_code == 0 and len(json.loads(done.stdout)["hits"]) == 10
    parts = manifest.parts(paths.Images.PHOTOS)
    data = parts[1].read_bytes()
    parts[1].write_bytes(parts[0].read_bytes())
    try:
        done = CliRunner().invoke(app, ["index"])
        assert done.exit_code == 2 and "run `dvc repro" in done.stderr and parts[1].name in done.stderr
    finally:
        parts[1].write_bytes(data)
