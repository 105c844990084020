"""A model's folder says what it is, and is refused where it is not that any more."""

import json

import pytest
import torch
from safetensors.torch import save_file

import seje
from seje.errors import SejeError
from seje.model.folder import FACTS, FORMAT, Folder, facts


@pytest.fixture
def folder(tmp_path):
    save_file({"weight": torch.arange(3.0)}, tmp_path / "towers.safetensors")
    (tmp_path / "towers.json").write_text(json.dumps({"sizes": {}}))
    (tmp_path / "transformer").mkdir()
    (tmp_path / "transformer/model.safetensors").write_bytes(b"weights")
    (tmp_path / "README.md").write_text("edited at will")
    (tmp_path / FACTS).write_text(json.dumps(facts(tmp_path, "0.1.0", {"dimensions": 8})))
    return tmp_path


def test_parts_are_read_as_they_were_written(folder):
    (folder / "README.md").write_text("edited again")
    read = Folder(folder)
    weights, config = read.read("towers")
    assert weights["weight"].tolist() == [0, 1, 2] and config == {"sizes": {}}
    assert read.has("towers") and not read.has("cnn") and read.checked("transformer").is_dir()
    assert set(read.files) == {"towers.safetensors", "towers.json", "transformer/model.safetensors"}


def test_the_fingerprint_follows_from_every_file_and_from_what_is_said(folder):
    found = {facts(folder, "0.1.0", about)["fingerprint"] for about in ({"dimensions": 8}, {"dimensions": 9})}
    (folder / "transformer/model.safetensors").write_bytes(b"other")
    found.add(facts(folder, "0.1.0", {"dimensions": 8})["fingerprint"])
    assert len(found) == 3


def change(folder, **facts):
    said = json.loads((folder / FACTS).read_text())
    (folder / FACTS).write_text(json.dumps(said | facts))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda folder: (folder / FACTS).unlink(), "no model: model.json is missing"),
        (lambda folder: (folder / FACTS).write_text("{"), "cannot be read"),
        (
            lambda folder: (folder / FACTS).write_text("[]"),
            f"the model's format is None, this seje reads {FORMAT}",
        ),
        (lambda folder: change(folder, format=1), f"the model's format is 1, this seje reads {FORMAT}"),
        (lambda folder: change(folder, files=[]), "is damaged"),
        (lambda folder: change(folder, about={"dimensions": 9}), "was changed after it was written"),
        (lambda folder: (folder / "towers.json").unlink(), "towers.json is missing"),
        (
            lambda folder: (folder / "towers.json").write_text("{}"),
            "towers.json is not the file that belongs",
        ),
        (lambda folder: (folder / "transformer/model.safetensors").write_bytes(b""), "is not the file that"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(folder, harm, told):
    harm(folder)
    with pytest.raises(SejeError) as error:
        read = Folder(folder)
        read.read("towers")
        read.checked("transformer")
    assert told in str(error.value) and "\n" not in str(error.value)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(SejeError, match="no model"):
        seje.load(tmp_path / "nowhere")
