from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.multiprocessing as multiprocessing
from conftest import changed
from tiny import LOSS, SETTINGS, SIZE, SIZES, drawn, tiny

from seje.errors import SejeError
from seje.joint.along import CNN
from seje.joint.cnn import rebuild, start
from seje.joint.sampling import load
from seje.joint.training import Training
from seje.towers import distributed
from seje.towers.features import PhotoFeatures, pairs
from seje.vision.models import torch_backbone, weights_of
from seje.vision.transforms import Squares, centre

SIDE = 40
ROWS = np.arange(SIZE)
PHOTOS = np.random.default_rng(5).integers(0, 256, (SIZE, 50, SIDE, 3), dtype=np.uint8)


def squares() -> Squares:
    return Squares(lambda row: PHOTOS[row], SIZE, SIDE)


def shown() -> PhotoFeatures:
    return replace(tiny()[1], squares=squares())


def classifier():
    torch.manual_seed(2)
    backbone, head = torch_backbone("resnet18", "none", 3, 35)
    return {"backbone": "resnet18"}, weights_of(backbone, head), backbone


def training(**settings) -> Training:
    config, weights, _ = classifier()
    sizes = replace(SIZES, pixels=512)
    return Training(
        sizes,
        changed(SETTINGS, **settings),
        LOSS,
        cnn=start("resnet18", SIDE, config, weights),
    )


def run(trained: Training, epochs: int = 99) -> list[dict]:
    return [state for _, state in zip(range(epochs), run_states(trained), strict=False)]


def scoring(trained: Training):
    """Score what the CNN sees, any number."""

    def seen(model):
        assert trained.cnn
        pixels = np.concatenate(list(trained.cnn.describe(squares(), ROWS)))
        assert pixels.shape == (SIZE, 1, 512) and pixels.dtype == np.float16
        return {"score": float(pixels.astype(float).std())}

    return seen


def test_it_begins_with_the_classifiers_weights_and_sees_what_that_sees():
    config, weights, backbone = classifier()
    made = start("resnet18", SIDE, config, weights)
    pixels = torch.from_numpy(squares().batch(ROWS))
    with torch.no_grad():
        expected = backbone.eval()(centre(pixels, 35)).numpy()
    (found,) = made.describe(squares(), ROWS)
    assert found[:, 0] == pytest.approx(expected, abs=2e-3)
    again = rebuild("resnet18", SIDE, weights)
    assert (next(again.describe(squares(), ROWS)) == found).all()


def test_beside_features_of_ones_own_no_network_is_trained():
    with pytest.raises(SejeError, match="resnet18 sees photos, categories.features are vectors: set joint.p"):
        start("resnet18", SIDE, {"backbone": "features"}, {})


def test_an_onnx_file_cannot_be_trained():
    with pytest.raises(SejeError, match="joint.pixels: some.onnx cannot be trained: choose cached"):
        start("some.onnx", SIDE, {"backbone": "some.onnx"}, {})


def test_a_batch_holds_the_photos_themselves():
    batch = load(tiny()[0], shown(), drawn(ROWS[:3])._replace(photos=ROWS[3:6]))
    assert (batch.photos.pixels.numpy() == squares().batch(ROWS[3:6])).all()
    assert batch.photos.labels.shape == (3, 8)


@pytest.mark.slow
def test_it_is_frozen_at_first_and_then_learns_at_its_own_rate():
    _, before, _ = classifier()
    trained = training(freeze_epochs=2, epochs=3, schedule="cosine")
    first, second, third = ({**state["cnn"]} for state in copied(run_states(trained)))
    names = [name for name in before if not name.startswith("fc.")]
    for frozen in (first, second):
        assert all(torch.equal(frozen[f"backbone.model.{name}"], before[name]) for name in names)
    moved = [name for name in names if not torch.equal(third[f"backbone.model.{name}"], before[name])]
    assert len(moved) == len(names)
    rates = [weights["lr"] for weights in trained.optimisers.towers.param_groups]
    assert rates[0] == rates[1] and rates[2] == pytest.approx(rates[0] / 10)


def run_states(trained: Training):
    train = pairs(ROWS, np.array(["train"] * SIZE), "train")
    return trained.run(tiny()[0], shown(), train, scoring(trained))


def copied(states):
    for state in states:
        yield {"cnn": {name: tensor.cpu().clone() for name, tensor in state["cnn"].items()}}


@pytest.mark.slow
def test_resumed_is_undisturbed(tmp_path):
    whole, first, second = (training(freeze_epochs=1, epochs=3, batch=4) for _ in range(3))
    run(whole)
    torch.save(run(first, 2)[-1], tmp_path / "state.pt")
    torch.manual_seed(99)
    second.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    run(second)
    assert second.history == whole.history
    assert any(name.startswith(CNN) for name in whole.best)
    assert all(torch.equal(second.best[name], whole.best[name]) for name in whole.best)


def as_one_of_two(rank, address, out):
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=2)
    torch.save(normalised(distributed.own(6)), out / f"{rank}.pt")
    torch.distributed.destroy_process_group()


def normalised(own: slice) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU())
    maps = torch.randn(6, 3, 8, 8)
    made = distributed.synchronised(network).train()(maps[own])
    return made.detach(), network[1].running_var


@pytest.mark.slow
def test_two_processes_normalise_maps_as_one(tmp_path):
    multiprocessing.spawn(as_one_of_two, (f"file://{tmp_path / 'meet'}", tmp_path), nprocs=2)
    whole, variance = normalised(slice(None))
    for rank in (0, 1):
        found, running = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        torch.testing.assert_close(found, whole[3 * rank : 3 * rank + 3], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(running, variance)


def test_features_that_are_not_finite_are_refused():
    trained = training()
    torch.nn.init.constant_(next(trained.cnn.backbone.model.parameters()), float("nan"))
    with pytest.raises(SejeError, match=r"2 of 2 features of photos by the CNN .* \(the first: row 3\)"):
        list(trained.cnn.describe(squares(), np.array([3, 5])))
