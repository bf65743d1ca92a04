"""Several processes that train one model: torchrun starts them; here they meet, share the work and agree."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, distributed, nn

from ..config import TrainConfig
from ..model.device import pick_device
from .forward import Objective


class World(NamedTuple):
    """This process among those that train together; the one of rank 0 prints and writes for all."""

    rank: int = 0
    ranks: int = 1


ALONE = World()


@contextmanager
def meet(device: str) -> Iterator[tuple[World, str]]:
    """Join the processes that torchrun started, if it did; also return the device for this one alone. Raises BadConfig
    if there are fewer GPUs than processes."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        yield ALONE, device
        return
    if device == "cuda":
        device = pick_device(f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield World(distributed.get_rank(), distributed.get_world_size()), device
    finally:
        distributed.destroy_process_group()


def summed(values: np.ndarray, world: World, device: str) -> np.ndarray:
    """Return the sum over all processes, float64."""
    if world.ranks == 1:
        return values
    total = torch.from_numpy(values.astype(np.float64)).to(device)
    distributed.all_reduce(total)
    return total.cpu().numpy()


def gathered(tensor: Tensor, world: World, device: str) -> list[Tensor]:
    """Return the tensors of all processes, by rank."""
    if world.ranks == 1:
        return [tensor]
    mine = tensor.to(device)
    all_of_them = [torch.empty_like(mine) for _ in range(world.ranks)]
    distributed.all_gather(all_of_them, mine)
    return [t.cpu() for t in all_of_them]


def wait_for_all(world: World) -> None:
    """Wait until every process has arrived here."""
    if world.ranks > 1:
        distributed.barrier()


# ------------------------------------------------------------------------------------------------ the model


def wrapped(objective: Objective, config: TrainConfig, world: World, device: str) -> nn.Module:
    """Return the objective with gradients averaged over all processes; with `fsdp` each process keeps only its part of
    the weights (Zhao et al. 2023, arXiv 2304.11277)."""
    if world.ranks == 1:
        return objective
    if config.parallel == "fsdp":
        from torch.distributed.fsdp import fully_shard

        for part in (*objective.model.blocks, objective):
            fully_shard(part)
        return objective
    from torch.nn.parallel import DistributedDataParallel

    spares = not config.terms.value or not any((config.terms.lm, config.terms.legal_only, config.terms.taylor))
    ids = [torch.device(device).index] if device.startswith("cuda") else None
    return DistributedDataParallel(objective, device_ids=ids, find_unused_parameters=spares)


def alone(objective: nn.Module, apart: bool):
    """Return a context in which backward passes add to this process's gradients alone, because more will follow."""
    return objective.no_sync() if apart and hasattr(objective, "no_sync") else nullcontext()  # type: ignore[operator]


def whole(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return whole tensors from sharded ones; all processes must ask for the same ones."""
    return {name: whole_tensor(t) for name, t in tensors.items()}


def whole_tensor(tensor: Tensor) -> Tensor:
    """Return a tensor, sharded (a DTensor) or not, as a whole."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def like(tensor: Tensor, other: Tensor) -> Tensor:
    """Return a whole tensor sharded like another one on this process."""
    if not hasattr(other, "full_tensor"):
        return tensor
    from torch.distributed.tensor import DTensor, distribute_tensor

    assert isinstance(other, DTensor)
    return distribute_tensor(tensor.to(other.device), other.device_mesh, other.placements)


@torch.no_grad()
def fill(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Fill a model with weights that are whole, as on disk."""
    for name, mine in model.state_dict().items():
        mine.copy_(like(tensors[name], mine))
