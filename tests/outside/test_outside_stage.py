"""The stage `outside`: in the workspace nothing happens, in a copy links are put where paths lead."""

import json

import numpy as np
import pytest
import tiny_clip
import torch
from conftest import small_params

from seje.errors import SejeError
from seje.outside import stage as outside
from seje.vision.models import torch_backbone, weights_of
from seje.workspace import params, paths


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy, as DVC's queue makes them, of a repository with data beside it and in it."""
    root = tmp_path / "repository"
    (root / "mine").mkdir(parents=True)
    (tmp_path / "data/recipes").mkdir(parents=True)
    (root / "pipeline/kitchen").mkdir(parents=True)
    here = root / ".dvc/tmp/exps/tmp1"
    here.mkdir(parents=True)
    monkeypatch.setenv("DVC_ROOT", str(root))
    monkeypatch.chdir(here)
    return here


def run_by(path):
    given = params.load(path)
    photos = given.categories
    network = outside.Network(photos.backbone, photos.weights, photos.freeze, given.images.size)
    outside.run(given.outside(), network, photos.features, given.joint.text_model, given.evaluation.embedder)


def run(folder, source, labelled=None):
    (folder / "params.yaml").write_text(
        small_params(corpus={"source": source}, categories={"labelled": labelled})
    )
    run_by(folder / "params.yaml")
    return json.loads(paths.Outside.NAMES.read_text())


def test_paths_lead_from_a_copy_where_they_lead_from_the_repository(copy, tmp_path):
    for _ in range(2):
        names = run(copy, "../data/recipes", "mine")
        assert (copy / "../data/recipes").samefile(tmp_path / "data/recipes")
        assert (copy / "mine").samefile(tmp_path / "repository/mine")
    assert {"../data/recipes", "mine"} < set(names)


def test_a_folder_that_has_moved_is_linked_anew(copy, tmp_path):
    run(copy, "../data/recipes")
    link = copy.parent / "data/recipes"
    link.unlink()
    link.symlink_to(tmp_path / "gone")
    run(copy, "../data/recipes")
    assert link.samefile(tmp_path / "data/recipes")


def test_whole_paths_what_stages_write_and_what_is_not_there_are_left_alone(copy, tmp_path):
    run(copy, str(tmp_path / "data/recipes"), "pipeline/kitchen")
    run(copy, "../nowhere", str(tmp_path))
    assert {path.name for path in copy.iterdir()} == {"params.yaml", "pipeline"}
    assert [path.name for path in (copy / "pipeline").iterdir()] == ["outside"]
    assert [path.name for path in copy.parent.iterdir()] == ["tmp1"]


def test_nothing_is_linked_in_the_workspace(copy, tmp_path, monkeypatch):
    root = tmp_path / "repository"
    monkeypatch.chdir(root)
    names = run(root, "../data/recipes")
    assert {path.name for path in root.parent.iterdir()} == {"repository", "data"}
    monkeypatch.chdir(copy)
    assert run(copy, "../data/recipes") == names


def test_a_place_that_is_taken_or_is_not_below_the_copies_is_told(copy, tmp_path, monkeypatch):
    (copy / "../celery").mkdir()
    (tmp_path / "celery").mkdir()
    with pytest.raises(SejeError, match="give its whole path"):
        run(copy, "../celery")
    deep = tmp_path / "repository/.dvc/tmp/exps"  # four levels up from here lie beside the repository
    monkeypatch.chdir(deep)
    (tmp_path / "repository/../data/more").mkdir()
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "repository/mine"))
    with pytest.raises(SejeError, match="give its whole path"):
        run(deep, "../../data/more")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"backbone": "../nowhere.onnx"}, "nowhere.onnx: needs an ONNX file"),
        ({"weights": "../nowhere.pt"}, "nowhere.pt is neither none, imagenet nor"),
        ({"backbone": "st/../nowhere"}, "nowhere is neither the folder of a sentence-transformers model"),
        ({"features": "../nowhere"}, "nowhere: needs a .parquet with .*there is no such file or folder"),
        ({"backbone": "vit_b_32"}, "vit_b_32 takes no 35-pixel photos"),
    ],
)
def test_a_backbone_that_cannot_be_had_is_said_before_all_other_work(copy, changes, said):
    (copy / "params.yaml").write_text(small_params(categories=changes))
    with pytest.raises(SejeError, match=said):
        run_by(copy / "params.yaml")
    assert not paths.Outside.NAMES.exists()


@pytest.mark.parametrize("size", [223, 224])
def test_photos_that_would_be_enlarged_are_said(copy, capsys, size):
    frozen = {"backbone": "lite0", "weights": "imagenet", "freeze": True}
    (copy / "params.yaml").write_text(small_params(images={"size": size}, categories=frozen))
    run_by(copy / "params.yaml")
    assert ("set images.size to 224" in capsys.readouterr().err) is (size == 223)


def test_an_embedder_that_cannot_be_had_is_said_before_all_other_work(copy):
    (copy / "params.yaml").write_text(small_params(evaluation={"embedder": "../nowhere"}))
    with pytest.raises(SejeError, match="evaluation.embedder: ../nowhere is neither the folder"):
        run_by(copy / "params.yaml")


def test_a_text_encoder_that_cannot_be_had_is_said_before_all_other_work(copy):
    (copy / "params.yaml").write_text(small_params(joint={"text": "../nowhere"}))
    with pytest.raises(SejeError, match="joint.text: ../nowhere is neither the folder"):
        run_by(copy / "params.yaml")


def test_a_model_of_photos_that_is_named_from_the_repository_is_found_in_a_copy(copy, tmp_path):
    tiny_clip.write(tmp_path / "data/made")
    (copy / "params.yaml").write_text(small_params(categories={"backbone": "st/../data/made/clip"}))
    run_by(copy / "params.yaml")
    assert "../data/made/clip" in json.loads(paths.Outside.NAMES.read_text())


def test_features_that_are_named_from_the_repository_are_found_in_a_copy_and_take_the_backbones_place(
    copy, tmp_path
):
    np.save(tmp_path / "data/mine.npy", np.zeros((1, 2)))
    (tmp_path / "data/mine.json").write_text('["a.jpg"]')
    given = {"features": "../data", "backbone": "nowhere.onnx"}
    (copy / "params.yaml").write_text(small_params(categories=given))
    run_by(copy / "params.yaml")
    assert "../data" in json.loads(paths.Outside.NAMES.read_text())


def test_weights_that_are_named_from_the_repository_are_found_in_a_copy(copy, tmp_path):
    made = weights_of(*torch_backbone("resnet18", "none", 2, 35))
    torch.save(made, tmp_path / "data/net.pt")
    (copy / "params.yaml").write_text(small_params(categories={"weights": "../data/net.pt"}))
    run_by(copy / "params.yaml")
    assert "../data/net.pt" in json.loads(paths.Outside.NAMES.read_text())
