"""A store of shards from a user's side: a stage fills it, readers and `seje store` look into it."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import run_stages, small_params
from typer.testing import CliRunner

from seje.cli import app
from seje.errors import SejeError
from seje.photos.store import Photos
from seje.shards import manifest
from seje.shards.manifest import FETCHED
from seje.shards.place import Place
from seje.workspace import files, lineage, paths

SHARDS = 5


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A kitchen's corpus in five shards, with its photos beside the pipeline."""
    folder = tmp_path_factory.mktemp("kitchen")
    (folder / "params.yaml").write_text(
        small_params(
            kitchen={"recipes": 50, "labelled_train": 1, "labelled_test": 1},
            corpus={"shard": 10},
            cluster={"engine": "local"},
        )
    )
    run_stages(folder, ["kitchen", "corpus", "images"])
    return folder


@pytest.fixture(params=["folder", "s3"])
def kitchen(request, small, tmp_path, monkeypatch) -> Path:
    """The same, its photos packed into a store; the working directory."""
    folder = tmp_path / "kitchen"
    shutil.copytree(small, folder)
    shutil.rmtree(folder / "pipeline/images")
    monkeypatch.chdir(folder)
    stored = str(tmp_path / "store")
    if request.param == "s3":
        stored = f"{request.getfixturevalue('bucket')}/{tmp_path.name}"
    change("cluster", store=stored)
    images()
    return folder


def change(section: str, **values) -> None:
    given = yaml.safe_load(Path("params.yaml").read_text())
    given[section] |= values
    Path("params.yaml").write_text(yaml.safe_dump(given))


def images() -> str:
    done = CliRunner().invoke(app, ["images"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def store(*arguments: str):
    return CliRunner().invoke(app, ["store", *arguments], catch_exceptions=False)


def place() -> Place:
    return Place(manifest.read(paths.Images.PHOTOS).store)


def test_a_stage_leaves_a_manifest_which_readers_take(kitchen, small):
    assert sorted(path.name for path in Path("pipeline/images").iterdir()) == [
        "duplicates.parquet",
        "images.arrow.json",
        "made_of.json",
        "rejected.parquet",
    ]
    ours, beside = Photos(paths.Images.PHOTOS), Photos(small / paths.Images.PHOTOS)
    assert len(ours.starts) == SHARDS
    np.testing.assert_array_equal(ours.photos, beside.photos)
    assert all(ours.jpeg(row) == beside.jpeg(row) for row in range(len(ours)))
    lineage.check("images")
    assert f"photos: {SHARDS} of {SHARDS} shards were there" in images()


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_what_is_not_as_written_is_refused_by_readers_and_named_by_verify(kitchen, harm):
    done = store("verify")
    assert (done.exit_code, done.stdout) == (0, f"{SHARDS} of {SHARDS} shards are whole\n")
    file = manifest.read(paths.Images.PHOTOS).files[1]
    if harm == "missing":
        place().delete(file.name)
    else:
        data = place().read(file.name)
        place().write(file.name, data[:-1] + bytes([data[-1] ^ 1]))
    shutil.rmtree(FETCHED, ignore_errors=True)
    with pytest.raises(SejeError, match=f"{file.name}.*: run the stage again, and .* is made again$"):
        Photos(paths.Images.PHOTOS)
    done = store("verify")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"{harm}: {place().address}/{file.name}, {file.rows} rows",
        f"{SHARDS - 1} of {SHARDS} shards are whole",
    ]
    done = store("verify", "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1 and told["shards"] == SHARDS
    assert [(one["name"], one["wrong"]) for one in told["wrong"]] == [
        (f"{place().address}/{file.name}", harm)
    ]
    if harm == "missing" or not place().remote:  # S3 keeps what it has taken: its size is looked at
        assert f"photos: {SHARDS - 1} of {SHARDS} shards were there" in images()
        assert store("verify").exit_code == 0


def test_a_copy_that_was_damaged_is_fetched_again(kitchen):
    if not place().remote:
        pytest.skip("nothing is copied")
    file = manifest.read(paths.Images.PHOTOS).files[1]
    photos = Photos(paths.Images.PHOTOS).photos
    copy = FETCHED / f"{file.sha256}.arrow"
    copy.write_bytes(bytes(file.bytes))
    assert Photos(paths.Images.PHOTOS).photos.tolist() == photos.tolist()
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == file.sha256


@pytest.mark.slow
def test_gc_leaves_what_manifests_name_here_and_in_the_cache_of_dvc(kitchen):
    dvc("init", "--no-scm", "-q")
    if place().remote:  # the cache may be anywhere, too
        dvc("config", "cache.dir", "../cache")
    first = manifest.read(paths.Images.PHOTOS)
    dvc("add", "-q", "pipeline/images")
    change("images", quality=80)
    images()
    second = manifest.read(paths.Images.PHOTOS)
    assert whole(first) and whole(second) and first.store != second.store
    Place(first.store).write("nobody.bin", b"")
    Place(first.store).write(f"{SHARDS:05}.json", b"")
    assert "nothing to delete" in store("gc").stdout  # all of it is young
    done = store("gc", "--days", "0", "--force")
    assert done.exit_code == 0 and "MB, that no manifest names" in done.stdout
    assert whole(first) and whole(second)
    assert Place(first.store).read("nobody.bin") is None
    assert Place(first.store).read(f"{SHARDS:05}.json") is None
    assert f"photos: {SHARDS} of {SHARDS} shards were there" in images()
    assert "nothing to delete" in store("gc", "--days", "0", "--force").stdout
    dvc("add", "-q", "pipeline/images")
    dvc("gc", "-q", "-f", "-w")
    store("gc", "--days", "0", "--force")
    assert whole(second) and not whole(first)


def dvc(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def whole(named: manifest.Manifest) -> bool:
    stored = Place(named.store)
    return not any(stored.wrong(file) for file in named.files)


@pytest.mark.slow
def test_a_stage_behind_it_makes_the_same_of_stored_photos(small_pipeline, tmp_path):
    folder = tmp_path / "small"
    shutil.copytree(small_pipeline, folder)
    changes = {"corpus": {"shard": 40}, "cluster": {"store": str(tmp_path / "store")}}
    (folder / "params.yaml").write_text(small_params(ranking={"words": 16}, **changes))
    run_stages(folder, ["corpus", "images", "word2vec", "categories"])
    assert not list(folder.glob("pipeline/images/*.arrow"))
    assert not list(folder.glob("pipeline/categories/*.npy"))
    for name in ("classes.csv", "recipes.parquet", "classifier.safetensors"):
        made = Path("pipeline/categories", name)
        assert (folder / made).read_bytes() == (small_pipeline / made).read_bytes()
    for path in (paths.Categories.PIXELS, paths.Categories.EMBEDDINGS):
        one, stored = (files.read_array(where / path, "categories")[:] for where in (small_pipeline, folder))
        np.testing.assert_allclose(stored, one, rtol=2e-3, atol=2e-3)


def test_without_a_store_it_says_so(small, monkeypatch):
    monkeypatch.chdir(small)
    assert store("verify").stdout == "no manifest in pipeline/ names a store: nothing to verify\n"
    done = store("gc")
    assert done.exit_code == 2
    assert done.stderr == "seje: params.yaml: cluster.store is not set: there is nothing to collect\n"


def test_a_relative_store_is_refused(small, tmp_path, monkeypatch):
    shutil.copy(small / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    change("cluster", store="store")
    done = store("gc")
    assert done.exit_code == 2
    assert "cluster.store: should be an absolute path, or s3://bucket/folder (it is 'store')" in done.stderr


def test_an_s3_that_does_not_answer_is_one_line(small, tmp_path, monkeypatch):
    shutil.copytree(small, tmp_path / "kitchen")
    monkeypatch.chdir(tmp_path / "kitchen")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    change("cluster", store="s3://shards/kitchen")
    done = store("gc")
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("seje: s3://shards/kitchen/: ") and "connect" in done.stderr


def test_a_swapped_shard_beside_its_manifest_is_refused_by_the_stage_behind(small, tmp_path, monkeypatch):
    shutil.copytree(small, tmp_path / "kitchen")
    monkeypatch.chdir(tmp_path / "kitchen")
    lineage.check("images")
    one, two = Path("pipeline/images/images-00001.arrow"), Path("pipeline/images/images-00002.arrow")
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    with pytest.raises(SejeError, match="images-00001.arrow is not the file that the stage images wrote"):
        lineage.check("images")
    with pytest.raises(SejeError, match="images-00001.arrow is damaged"):
        Photos(paths.Images.PHOTOS)
