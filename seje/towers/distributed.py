"""Processes that train together: each embeds its share of a batch, all see the loss of the whole.

Every process computes the same loss of the gathered embeddings. Going back, a gather sums the gradients of
all processes; their mean over the processes is the gradient that one process with the whole batch has.
Without a process group all functions are those of a group of one.

What is equal: batches, photos, views, and what is drawn for the whole batch (the points of the gradient
penalty), are the same in every process, and the same as one process alone has. What a network draws for its
share (dropout, hidden parts, crops) differs between them (`seed_own`). So several processes have the loss and
the gradients of one, but for rounding, where nothing is drawn for a share; else those that one would have
with their masks put together: another draw of the same distribution, with the same expectation. That is of
batches that the processes can share evenly: of others, the pairs that are left over sit out (`whole`).
"""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

N = TypeVar("N", bound=nn.Module)


def size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def whole(batch: int) -> int:
    """How many of a batch's pairs can be shared evenly; the rest sit the batch out."""
    return batch - batch % size()


def own(batch: int) -> slice:
    """This process's share of a batch of `whole` pairs."""
    share, rank = batch // size(), _rank()
    return slice(rank * share, (rank + 1) * share)


def seed_own(seed: int) -> None:
    """Seed torch's random state for what this process draws for its share alone, from a common seed.

    It differs from process to process, and from what the seed itself draws.
    """
    torch.manual_seed(own_seed(seed, _rank()))


def own_seed(seed: int, rank: int) -> int:
    """Derive the seed of one process from a common one."""
    return int(np.random.default_rng([seed, rank]).integers(2**62))


def gather(rows: Tensor) -> Tensor:
    """Rows of all processes [B, *] from the share of each [B / size, *], with gradients."""
    gathered: Tensor = _Gather.apply(rows) if size() > 1 else rows
    return gathered


def average_gradients(weights: Iterable[nn.Parameter]) -> None:
    """Put the mean over the processes in place of each weight's gradient."""
    found = [weight.grad for weight in weights if weight.grad is not None]
    if size() == 1 or not found:
        return
    flat = torch.cat([gradient.flatten() for gradient in found])
    dist.all_reduce(flat)
    means = torch.split(flat / size(), [gradient.numel() for gradient in found])
    for gradient, mean in zip(found, means, strict=True):
        gradient.copy_(mean.view_as(gradient))


def anyone(flag: bool, device: torch.device) -> bool:
    """Whether the flag is set in any process."""
    if size() == 1:
        return flag
    told = torch.tensor(int(flag), device=device)
    dist.all_reduce(told, dist.ReduceOp.MAX)
    return bool(told.item())


def of_the_first(value: Any) -> Any:
    """What the first process has of a value, so that no rounding parts the others from it."""
    if size() == 1:
        return value
    values = [value]
    dist.broadcast_object_list(values)
    return values[0]


def _rank() -> int:
    return dist.get_rank() if size() > 1 else 0


class _GlobalBatchNorm(_BatchNorm):
    """Batch normalisation over the batches of all processes; torch's own SyncBatchNorm is for GPUs alone."""

    def forward(self, rows: Tensor) -> Tensor:
        """Normalise rows (B, ...) by the statistics of the whole batch in training, else by running ones."""
        if not (self.training and size() > 1):
            return super().forward(rows)
        gathered = gather(rows)
        return super().forward(gathered)[own(len(gathered))]


class GlobalBatchNorm1d(_GlobalBatchNorm, nn.BatchNorm1d):
    """Of rows [B, W]."""


class GlobalBatchNorm2d(_GlobalBatchNorm, nn.BatchNorm2d):
    """Of maps [B, C, H, W]."""


def synchronised(network: N) -> N:
    """Let a network's batch normalisation see the batches of all processes, where there are several."""
    if size() > 1 and dist.get_backend() == "nccl":
        return cast(N, nn.SyncBatchNorm.convert_sync_batchnorm(network))  # type: ignore[no-untyped-call]
    for name, layer in list(network.named_modules()) if size() > 1 else []:
        if type(layer) is nn.BatchNorm2d:
            whole_batch = GlobalBatchNorm2d(layer.num_features, layer.eps, layer.momentum)
            whole_batch.load_state_dict(layer.state_dict())
            network.set_submodule(name, whole_batch)
    return network


class _Gather(torch.autograd.Function):
    # Fabric's all_gather rests on that of torch.distributed.nn, which torch has deprecated for a private one.

    @staticmethod
    def forward(context: Any, rows: Tensor) -> Tensor:
        """Rows of all processes, one share behind the other."""
        parts = [torch.empty_like(rows) for _ in range(size())]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        """Sum the gradients of all processes; give those of the own share."""
        summed = gradients[0].contiguous().clone()
        dist.all_reduce(summed)
        return summed[own(len(summed))]
