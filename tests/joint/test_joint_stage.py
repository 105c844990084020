"""The stage `joint` on the small kitchen: a collapse is told, and SIGTERM saves at once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from conftest import ROOT, seal
from safetensors.numpy import load_file

pytestmark = pytest.mark.slow
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
JOINT = [sys.executable, "-m", "seje", "joint"]


@pytest.fixture
def folder(small_pipeline, tmp_path):
    """The small kitchen's folder, for one test to change; its params can be set."""
    made = shutil.copytree(small_pipeline, tmp_path / "small")
    shutil.rmtree(made / "pipeline/joint")
    return made


def set_joint(folder, **values):
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["joint"] |= values
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def train(folder):
    return subprocess.run(JOINT, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)


def test_sigterm_saves_at_once_and_the_same_command_ends_with_the_same_bytes(folder):
    set_joint(folder, epochs=25, schedule="cosine", batch=4, dropout=0.3, drop=0.2)
    running = subprocess.Popen(JOINT, cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    while "epoch 3" not in running.stderr.readline():
        assert running.poll() is None
    time.sleep(0.05)  # somewhere within an epoch
    running.send_signal(signal.SIGTERM)
    told = running.stderr.read().splitlines()
    assert running.wait() != 0
    assert sum(line.startswith("epoch") for line in told) <= 1  # of 22 that were to come
    assert told[-1].startswith("seje: joint: stopped by SIGTERM") and "Traceback" not in "".join(told)
    assert len(list((folder / "checkpoints").glob("joint-*.pt"))) == 1
    assert not (folder / "pipeline/joint/model.safetensors").exists()
    again = train(folder)
    assert again.returncode == 0 and "going on after epoch" in again.stderr
    written = [folder / "pipeline/joint/model.safetensors", folder / "metrics/joint/epochs.json"]
    resumed = [path.read_bytes() for path in written]
    assert train(folder).returncode == 0
    assert [path.read_bytes() for path in written] == resumed
    assert "pairs/s" not in written[1].read_text() and "pairs/s" in again.stderr


def test_a_collapse_is_told_within_its_epoch_and_a_healthy_model_is_not(folder):
    set_joint(folder, epochs=2)
    healthy = train(folder)
    assert healthy.returncode == 0 and "collapsed" not in healthy.stderr
    assert (
        min(
            epoch["mean_pairwise_distance"]
            for epoch in json.loads((folder / "metrics/joint/epochs.json").read_text())
        )
        > 0.1
    )
    for name in ("ranking/features.npy", "instructions/vectors.npy", "ranking/words.npy"):
        features = np.load(folder / "pipeline" / name)
        np.save(folder / "pipeline" / name, np.ones_like(features))  # recipes that are all the same
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        seal("ranking", "instructions")
    collapsed = train(folder)
    assert collapsed.returncode == 0
    assert "collapsed in epoch 1" in collapsed.stderr
    history = json.loads((folder / "metrics/joint/epochs.json").read_text())
    assert history[0]["mean_pairwise_distance"] < 0.01 and history[0]["R@1"] < 0.3


def last_loss(folder):
    return json.loads((folder / "metrics/joint/epochs.json").read_text())[-1]["loss"]


def weights(folder):
    return load_file(folder / "pipeline/joint/model.safetensors")


def test_two_processes_train_as_one_and_write_once(folder):
    set_joint(folder, epochs=2, dropout=0.0, batch=4)
    assert train(folder).returncode == 0
    alone, loss = weights(folder), last_loss(folder)
    set_joint(folder, devices=2)
    done = train(folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("epoch 2") == 1 and not list((folder / "checkpoints").iterdir())
    assert {name: weight.shape for name, weight in weights(folder).items()} == {
        name: weight.shape for name, weight in alone.items()
    }
    # Not equal: of a batch of three pairs, one sits out.
    assert last_loss(folder) == pytest.approx(loss, rel=0.3)


def test_torchrun_is_honoured(folder):
    set_joint(folder, epochs=1)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    arguments = [*command, "-m", "seje", "joint"]
    done = subprocess.run(arguments, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "with 2 processes" in done.stderr and done.stderr.count("epoch 1") == 1
    assert (folder / "pipeline/joint/model.safetensors").exists()


def test_half_precision_trains(folder):
    set_joint(folder, epochs=2, precision="bf16-mixed")
    done = train(folder)
    assert done.returncode == 0, done.stderr
    assert all(weight.dtype == np.float32 for weight in weights(folder).values() if weight.dtype.kind == "f")


def test_a_text_encoder_trained_along_leaves_its_vectors_and_a_cached_run_removes_them(
    text_pipeline, tmp_path
):
    folder = shutil.copytree(text_pipeline, tmp_path / "text")
    given = yaml.safe_load((folder / "params.yaml").read_text())["joint"]["text"]
    assert json.loads((folder / "pipeline/joint/text.json").read_text()) == {"model": given}
    begun = load_file(Path(given) / "model.safetensors")
    along = load_file(folder / "pipeline/joint/text.safetensors")
    trained = {name.split(".", 2)[2]: weights for name, weights in along.items()}
    assert sum((trained[name] != weights).any() for name, weights in begun.items()) > len(begun) / 2
    for array in ("vectors.npy", "lines.npy"):
        cached = np.load(folder / "pipeline/instructions" / array)
        vectors = np.load(folder / "pipeline/joint" / array)
        assert vectors.shape == (len(cached), 16) and vectors.dtype == np.float16
        assert np.linalg.norm(vectors.astype(float), axis=1) == pytest.approx(1, abs=1e-2)
    set_joint(folder, devices=2, epochs=1)
    together = train(folder)
    assert together.returncode == 0, together.stderr
    assert (folder / "pipeline/joint/text.safetensors").exists()
    set_joint(folder, text="cached", devices=1)
    assert train(folder).returncode == 0
    assert {path.name for path in (folder / "pipeline/joint").iterdir()} == {
        "made_of.json",
        "model.json",
        "model.safetensors",
    }
    set_joint(folder, text="nowhere")
    refused = train(folder)
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1
    assert "joint.text: nowhere is neither the folder" in refused.stderr


def test_a_cnn_trained_along_leaves_its_features_and_a_cached_run_removes_them(deep_pipeline, tmp_path):
    folder = shutil.copytree(deep_pipeline, tmp_path / "deep")
    cached = np.load(folder / "pipeline/categories/pixels.npy")
    pixels = np.load(folder / "pipeline/joint/pixels.npy")
    assert pixels.shape == (len(cached), 1, 512) and pixels.dtype == np.float16
    assert np.abs(pixels.astype(float) - cached[:, :1]).max() > 1e-2
    config = json.loads((folder / "pipeline/joint/cnn.json").read_text())
    assert config == {"backbone": "resnet18", "side": 40}
    set_joint(folder, pixels="cached")
    assert train(folder).returncode == 0
    assert {path.name for path in (folder / "pipeline/joint").iterdir()} == {
        "made_of.json",
        "model.json",
        "model.safetensors",
    }
    set_joint(folder, pixels="resnet34")
    refused = train(folder)
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1 and "weights" in refused.stderr
