"""Two processes with half a batch each (gloo, on the CPU) train as one does with the whole batch."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.multiprocessing as multiprocessing
from conftest import changed
from lightning_fabric import Fabric
from tiny import LOSS, SETTINGS, SIZES, drawn, tiny

from seje.joint.sampling import load
from seje.joint.training import Training
from seje.towers import distributed

SIZE, SEED = 12, 7
LOSSES = {
    "double": changed(LOSS, category=0.1, discriminator=0.1),
    "all": changed(LOSS, margin=0.3, negatives="all", background="class"),
    "infonce and wasserstein": changed(LOSS, objective="infonce", discriminator_form="wasserstein"),
    "recipe": changed(LOSS, recipe=0.5),
}


MASKED = replace(SIZES, dropout=0.2)


def one_step(kind, odd, fabric=None, sizes=SIZES):
    """Parts of the loss, gradients and running statistics after a step with a batch of 12, or 13 if odd."""
    training = Training(sizes, SETTINGS, LOSSES[kind], fabric)
    rows = np.array([*range(SIZE), 0][: SIZE + odd])
    parts = training.step(load(*tiny(), drawn(rows, SEED, alone=kind == "recipe")))
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


def as_one_with_masks(rank, address, out):
    """Two steps: one of twelve pairs, and the embeddings of six that both processes are given."""
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=2)
    rows = np.tile(np.arange(6), 2)
    training = Training(MASKED, SETTINGS, LOSS)
    embedded, sides = training.embed, []
    training.embed = lambda batch: sides.extend(embedded(batch)) or sides
    training.step(load(*tiny(), drawn(rows, SEED)))
    shown = [side.detach() for side in sides]
    torch.save((one_step("double", False, sizes=MASKED), shown), out / f"{rank}.pt")
    torch.distributed.destroy_process_group()


class Together:
    """Draws for a whole batch what two processes draw, each for its half."""

    def __init__(self):
        self.states = []
        for rank in (0, 1):
            torch.manual_seed(distributed.own_seed(SEED, rank))
            self.states.append(torch.get_rng_state())

    def drawing(self, draw):
        """Let a function that draws for rows do so half by half."""

        def halves(rows, *others):
            parts = []
            for rank, half in enumerate(rows.chunk(2)):
                torch.set_rng_state(self.states[rank])
                parts.append(draw(half, *others))
                self.states[rank] = torch.get_rng_state()
            return torch.cat(parts)

        return halves


@pytest.mark.slow
def test_two_processes_with_masks_are_one_that_has_the_masks_of_both(tmp_path, monkeypatch):
    multiprocessing.spawn(as_one_with_masks, (f"file://{tmp_path / 'meet'}", tmp_path), nprocs=2)
    together = Together()
    monkeypatch.setattr(torch.nn.functional, "dropout", together.drawing(torch.nn.functional.dropout))
    loss, tensors = one_step("double", False, sizes=MASKED)
    assert loss != one_step("double", False)[0]
    for rank in (0, 1):
        (found_loss, found), shown = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert found_loss == pytest.approx(loss, abs=1e-5)
        for name, tensor in tensors.items():
            torch.testing.assert_close(found[name], tensor, atol=1e-5, rtol=1e-4, msg=name)
        for side in shown:  # the same six pairs under the masks of each process
            assert (side[:6] - side[6:]).abs().amax(dim=1).min() > 1e-3


def test_each_process_and_what_is_drawn_for_all_have_seeds_of_their_own():
    seeds = [SEED, *(distributed.own_seed(seed, rank) for seed in (SEED, SEED + 1) for rank in range(8))]
    assert len(set(seeds)) == 17
    distributed.seed_own(SEED)
    assert torch.initial_seed() == distributed.own_seed(SEED, 0)


def as_one_that_asks(rank, address, out):
    torch.distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=2)
    rows = torch.full((2, 3), float(rank), requires_grad=True)
    gathered = distributed.gather(rows)
    (gathered * torch.arange(4)[:, None] * (rank + 1)).sum().backward()
    told = [distributed.anyone(flag, torch.device("cpu")) for flag in (False, rank == 1, True)]
    torch.save(
        (gathered.detach(), rows.grad, told, distributed.of_the_first({"rank": rank})), out / f"{rank}.pt"
    )
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
    assert distributed.size() == 1 and distributed.whole(7) == 7 and distributed.own(7) == slice(0, 7)
    assert distributed.gather(rows) is rows
    own, torchs = distributed.GlobalBatchNorm1d(3), torch.nn.BatchNorm1d(3)
    assert torch.equal(own(rows), torchs(rows)) and torch.equal(own.running_var, torchs.running_var)


def test_half_precision_stays_near_the_whole_one_and_embeddings_are_wide():
    wide, tensors = one_step("double", False)
    narrow, narrowed = one_step("double", False, Fabric(devices=1, precision="bf16-mixed"))
    near = pytest.approx(wide["loss"], rel=4 * torch.finfo(torch.bfloat16).eps)
    assert narrow["loss"] != wide["loss"] and narrow["loss"] == near
    assert all(tensor.dtype == tensors[name].dtype for name, tensor in narrowed.items())
