"""What does not belong together is refused in one line, whatever joins it; what does is not."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import ROOT, run_stages, small_params
from typer.testing import CliRunner

from seje.cli import app
from seje.data.fingerprint import fingerprint
from seje.errors import SejeError
from seje.workspace import files, lineage, params, paths

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def write(stage: str, **contents: str) -> None:
    """Let a stage write some files of an empty pipeline."""
    with lineage.making(stage):
        paths.made_of(stage).parent.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (paths.made_of(stage).parent / name).write_text(content)


@pytest.fixture
def words(tmp_path, monkeypatch):
    """Three stages behind each other, as they are left when all is well."""
    monkeypatch.chdir(tmp_path)
    write("corpus", recipes="one, two")
    write("word2vec", vectors="1 2")
    write("keyterms", terms="one")


def test_what_a_stage_reads_is_what_dvc_yaml_says():
    written = {f"pipeline/{name}" for name in STAGES} - {"pipeline/outside"}  # holds no data
    for stage, read in lineage.READS.items():
        assert {f"pipeline/{name}" for name in read} == written & set(STAGES[stage]["deps"]), stage
    assert set(STAGES) - set(lineage.READS) == {"kitchen", "outside"}


def test_what_fits_is_taken_and_said_in_the_same_bytes(words):
    lineage.check("keyterms")
    said = paths.made_of("keyterms").read_bytes()
    write("keyterms", terms="one")
    assert paths.made_of("keyterms").read_bytes() == said
    assert json.loads(said)["made_of"] == {
        name: fingerprint(paths.made_of(name)) for name in ("corpus", "word2vec")
    }
    assert set(json.loads(said)["files"]) == {"terms"}


def change(path: str, content: str | None) -> None:
    if content is None:
        Path("pipeline", path).unlink()
    else:
        Path("pipeline", path).write_text(content)


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        ("corpus/recipes", "one, six", "pipeline/corpus/recipes is not the file that the stage corpus wrote"),
        ("word2vec/vectors", "1", "pipeline/word2vec/vectors is not the file that"),
        ("keyterms/terms", None, "pipeline/keyterms/terms is missing"),
        ("corpus/made_of.json", None, "pipeline/corpus/made_of.json is missing"),
        ("keyterms/made_of.json", "{", "pipeline/keyterms/made_of.json cannot be read"),
        ("keyterms/made_of.json", '["format"]', "pipeline/keyterms/made_of.json cannot be read"),
        ("keyterms/made_of.json", '{"format": 2}', "cannot be read by this version of seje"),
    ],
)
def test_a_changed_a_missing_and_a_damaged_file_are_refused(words, path, content, told):
    change(path, content)
    with pytest.raises(SejeError) as error:
        lineage.check("keyterms")
    assert told in str(error.value) and str(error.value).endswith(": run `dvc repro keyterms`")
    assert "\n" not in str(error.value)


def test_what_was_made_of_another_corpus_is_refused_by_every_stage_behind_it(words):
    write("corpus", recipes="one, six")
    told = "pipeline/word2vec was made of another corpus than pipeline/corpus holds: run `dvc repro ranking`"
    with pytest.raises(SejeError, match=told), lineage.making("ranking"):
        pytest.fail("it ran")
    write("word2vec", vectors="1 2")
    with pytest.raises(SejeError, match="pipeline/keyterms was made of another corpus"):
        lineage.check("keyterms")
    write("keyterms", terms="one")
    lineage.check("keyterms")


def test_a_stage_that_fails_leaves_good_files_good_and_half_written_ones_refused(words):
    with pytest.raises(RuntimeError), lineage.making("keyterms"):
        raise RuntimeError
    lineage.check("keyterms")
    with pytest.raises(RuntimeError), lineage.making("keyterms"):
        Path("pipeline/keyterms/terms").write_text("six")
        raise RuntimeError
    with pytest.raises(SejeError, match="dvc repro keyterms"):
        lineage.check("keyterms")


def test_an_input_that_changes_while_a_stage_runs_is_noticed_after_it(words):
    with lineage.making("keyterms"):
        write("word2vec", vectors="3 4")
    with pytest.raises(SejeError, match="pipeline/keyterms was made of another word2vec"):
        lineage.check("keyterms")


@pytest.mark.parametrize("size", [0, 1, 2**20, 2**26 - 1, 2**26, 2**26 + 1, 2**27 + 12345])
def test_fingerprints_tell_size_start_middle_and_end(tmp_path, size):
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(size)
    found = {fingerprint(path)}
    places = {0, size // 2 // 2**20 * 2**20, size - 1} if size <= 2**26 else {0, size - 1}
    for place in places if size else ():
        with path.open("r+b") as file:
            file.seek(place)
            file.write(b"x")
        found.add(fingerprint(path))
    path.write_bytes(b"") if size else path.write_bytes(b"0")
    found.add(fingerprint(path))
    assert len(found) == (len(places) if size else 0) + 2


def test_the_cost_of_a_large_file_is_bounded(tmp_path, monkeypatch):
    path, read = tmp_path / "file", []
    with path.open("wb") as file:
        file.truncate(2**33)

    class Counting:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def seek(self, place):
            self.file.seek(place)

        def read(self, size):
            read.append((self.file.tell(), size))
            return self.file.read(size)

    whole = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode: Counting(whole(self, mode)))
    fingerprint(path)
    assert len(read) == 64 and read[0][0] == 0 and sum(read[-1]) == 2**33
    steps = np.diff([place for place, _ in read])
    assert steps.max() - steps.min() <= 1


SEARCH = ["search", "tomato soup", "--for", "recipes", "-k", "2", "--json"]


@pytest.fixture
def pipeline(small_pipeline, tmp_path, monkeypatch):
    """The small kitchen, for one test to change."""
    shutil.copytree(small_pipeline, tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")


def refused(*command: str) -> str:
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2, done.output
    assert done.stdout == "" and done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("more", [True, False])
def test_a_corpus_that_moved_on_is_refused_by_all_that_ask(pipeline, more):
    assert CliRunner().invoke(app, SEARCH).exit_code == 0
    layer1 = Path(params.load(Path("params.yaml")).corpus.source) / "layer1.json"
    recipes = json.loads(layer1.read_text())
    first = {**recipes[0], "id": "0000000000", "partition": "train"}
    layer1.write_text(json.dumps([first, *recipes] if more else recipes[5:]))
    run_stages(Path(), ["corpus"])
    told = "was made of another corpus than pipeline/corpus holds: run `dvc repro index`"
    assert told in refused(*SEARCH)
    assert "dvc repro keyterms" in refused("tag", "2 eggs")
    assert "dvc repro ranking" in refused("explain", recipes[-1]["id"])
    assert "dvc repro images" in refused("audit")
    assert "dvc repro report" in refused("report")
    assert "dvc repro model" in refused("export", "onnx")
    assert "dvc repro index" in refused("serve")
    assert "dvc repro joint" in refused("joint")
    folder = Path("photos")
    folder.mkdir()
    assert "dvc repro model" in refused("embed", str(folder), "-o", "out.npy")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "damage"),
    [
        (paths.Ranking.FEATURES, "like"),
        (paths.Joint.MODEL, "flip"),
        (paths.Index.FOLDER / "recipes.faiss", "flip"),
        (paths.Images.PHOTOS, "flip"),
        (paths.Index.FOLDER / "photos.faiss", "cut"),
        (paths.Joint.MODEL, "cut"),
        (paths.Corpus.RECIPES, "cut"),
        (paths.Instructions.VECTORS, "cut"),
        (paths.Images.PHOTOS, "cut"),
        (paths.Word2vec.VECTORS, "cut"),
        (paths.Joint.MODEL.with_suffix(".json"), "cut"),
        (paths.Categories.CLASSES, "cut"),
    ],
)
def test_a_file_of_another_pipeline_and_a_truncated_one_are_refused(pipeline, path, damage):
    """Of the same name, of the same number of rows; or its end is missing."""
    whole = bytearray(path.read_bytes())
    if damage == "like":
        files.write_array(path, np.load(path)[::-1])
    else:
        whole[len(whole) // 2] ^= 1
        path.write_bytes(whole if damage == "flip" else whole[: len(whole) * 2 // 3])
    told = refused(*SEARCH)
    assert f"{path} is not the file that the stage {path.parent.name} wrote: run `dvc repro index`" in told


@pytest.mark.slow
def test_an_index_of_another_model_is_refused(pipeline):
    params_file = Path("params.yaml")
    params_file.write_text(small_params(ranking={"words": 16}, joint={"seed": 2, "epochs": 1}))
    run_stages(Path(), ["joint"])
    assert "pipeline/model was made of another joint than pipeline/joint holds" in refused(*SEARCH)


@pytest.mark.slow
def test_a_folder_without_made_of_is_refused_and_a_touched_one_is_not(pipeline):
    os.utime(paths.Joint.MODEL)
    assert CliRunner().invoke(app, SEARCH).exit_code == 0
    paths.made_of("ranking").unlink()
    assert "pipeline/ranking/made_of.json is missing" in refused(*SEARCH)
    assert "run `dvc repro index`" in refused("index")
