"""Two processes with half a batch each (gloo, on the CPU) train as one does with the whole batch."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.multiprocessing as multiprocessing
from lightning_fabric import Fabric
from test_training import LOSS, SETTINGS, SIZES, tiny

from seje.joint import group
from seje.joint.drawing import Draw, load
from seje.joint.training import Training

SIZE = 12
LOSSES = {
    "double": replace(LOSS, category=0.1, discriminator=0.1),
    "all": replace(LOSS, margin=0.3, negatives="all", background="class"),
    "infonce and wasserstein": replace(LOSS, objective="infonce", discriminator_form="wasserstein"),
}


def one_step(kind, odd, fabric=None):
    """Parts of the loss, gradients and running statistics after a step with a batch of 12, or 13 if odd."""
    training = Training(SIZES, SETTINGS, LOSSES[kind], fabric)
    rows = np.array([*range(SIZE), 0][: SIZE + odd])
    parts = training.step(load(*tiny(), Draw(rows, rows, rows % 2)))
    modules = {"model": training.model, "objective": training.objective}
    tensors = {}
    for module, held in modules.items():
        tensors |= {f"{module}.{name}": buffer for name, buffer in held.named_buffers()}
        weights = held.named_parameters()
        tensors |= {f"{module}.{name}": one.grad for name, one in weights if one.grad is not None}
    return parts, {name: tensor.detach().clone() for name, tensor in tensors.items()}


def as_one_of_two(rank, address, out, kind, odd):
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=2)
    torch.save(one_step(kind, odd), out / f"{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.slow
@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("kind", LOSSES)
def test_two_processes_have_the_loss_and_gradients_of_one(kind, odd, tmp_path):
    arguments = (f"file://{tmp_path / 'meet'}", tmp_path, kind, odd)
    multiprocessing.spawn(as_one_of_two, arguments, nprocs=2)
    loss, tensors = one_step(kind, False)
    for rank in (0, 1):
        found_loss, found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert found_loss == pytest.approx(loss, abs=1e-5)
        assert found.keys() == tensors.keys() and any(tensor.any() for tensor in tensors.values())
        for name, tensor in tensors.items():
            torch.testing.assert_close(found[name], tensor, atol=1e-5, rtol=1e-4, msg=name)


def as_one_that_asks(rank, address, out):
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=2)
    rows = torch.full((2, 3), float(rank), requires_grad=True)
    gathered = group.gather(rows)
    (gathered * torch.arange(4)[:, None] * (rank + 1)).sum().backward()
    told = [group.anyone(flag, torch.device("cpu")) for flag in (False, rank == 1, True)]
    torch.save((gathered.detach(), rows.grad, told, group.of_the_first({"rank": rank})), out / f"{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_a_gather_sums_the_gradients_of_all_and_any_flag_is_seen(tmp_path):
    multiprocessing.spawn(as_one_that_asks, (f"file://{tmp_path / 'meet'}", tmp_path), nprocs=2)
    for rank in (0, 1):
        gathered, gradient, told, first = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert gathered[:, 0].tolist() == [0, 0, 1, 1]
        assert gradient[:, 0].tolist() == [3 * (2 * rank), 3 * (2 * rank + 1)]
        assert told == [False, True, True] and first == {"rank": 0}


def test_alone_all_is_as_without_a_group():
    rows = torch.randn(5, 3, requires_grad=True)
    assert group.size() == 1 and group.whole(7) == 7 and group.own(7) == slice(0, 7)
    assert group.gather(rows) is rows
    own, torchs = group.GlobalBatchNorm1d(3), torch.nn.BatchNorm1d(3)
    assert torch.equal(own(rows), torchs(rows)) and torch.equal(own.running_var, torchs.running_var)


def test_half_precision_stays_near_the_whole_one_and_embeddings_are_wide():
    wide, tensors = one_step("double", False)
    narrow, narrowed = one_step("double", False, Fabric(devices=1, precision="bf16-mixed"))
    assert narrow["loss"] != wide["loss"] and narrow["loss"] == pytest.approx(wide["loss"], rel=0.05)
    assert all(tensor.dtype == tensors[name].dtype for name, tensor in narrowed.items())
