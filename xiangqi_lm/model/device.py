"""Where a model runs and in what precision: found out once on each machine, by measurement on a CPU."""

from __future__ import annotations

import os
import platform
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from ..errors import BadConfig

_CLEARLY = 1.2  # as many times as fast as float32 bfloat16 must be


def pick_device(name: str = "auto") -> str:
    """Return the torch device of a name; `auto` is CUDA where there is one, else the CPU; raises BadConfig for a device
    that is not there.

    On a CPU torch then computes with no more threads than there are cores for it.
    """
    _use_no_more_than_all_cores()
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError) as fault:
        raise BadConfig(f"device {name!r} cannot be used: {str(fault).splitlines()[0]}") from fault
    return name


# ------------------------------------------------------------------------------------------------ the processor


@dataclass(frozen=True)
class Processor:
    """What a device is good for."""

    name: str  # as the system calls it
    fast_bf16: bool  # whether bfloat16 products are faster there than float32
    threads: int  # that torch computes with, on a CPU
    cpu: bool

    def __str__(self) -> str:
        """One line for logs and benchmarks."""
        dtype = "bfloat16" if self.fast_bf16 else "float32"
        if not self.cpu:
            return f"{self.name}: {dtype} products, inputs multiplied"
        learning = "multiplied" if self.fast_bf16 else "gathered"
        count = f"{self.threads} thread{'s' * (self.threads > 1)}"
        return f"{self.name}: {dtype} products, inputs gathered (in training {learning}), {count}"


def processor(device: str = "cpu") -> Processor:
    """Return what is known of a device."""
    cpu = device.split(":")[0] == "cpu"
    if device.startswith("cuda"):
        name = torch.cuda.get_device_name(device)
    else:
        name = _cpu_name() if cpu else device
    return Processor(name, fast_bf16(device), torch.get_num_threads(), cpu)


@lru_cache(maxsize=8)
def fast_bf16(device: str) -> bool:
    """Return whether bfloat16 products are faster there than float32; a CPU is asked once, for a few milliseconds."""
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device == "cpu" and _measured_faster()


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    units = torch.backends.cpu.get_cpu_capability()
    return f"{next(named, platform.processor() or platform.machine())} ({units})"


def _measured_faster() -> bool:
    """Whether this CPU multiplies in bfloat16 clearly faster than in float32.

    Measured, as what processors say of themselves does not tell: AVX-512 alone counts as support with torch, and is
    slower; AMX, AVX512_BF16 and Arm's BF16 are different units; a virtual machine may hide any of them.
    """
    if not torch.backends.mkldnn.is_available() or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False  # wheels for macOS have no oneDNN
    with torch.inference_mode():
        seconds = {dtype: product_seconds(dtype) for dtype in (torch.float32, torch.bfloat16)}
    return seconds[torch.float32] > _CLEARLY * seconds[torch.bfloat16]


def product_seconds(dtype: torch.dtype) -> float:
    """Return the least time that a layer's product takes: 64 rows, 256 to 1,024 columns."""
    x, weight = torch.ones(64, 256, dtype=dtype), torch.ones(1024, 256, dtype=dtype)
    best = float("inf")
    for _ in range(8):  # the first prepares
        began = time.perf_counter()
        torch.nn.functional.linear(x, weight)
        best = min(best, time.perf_counter() - began)
    return best


def usable_cores() -> int:
    """Return how many cores this process may use, by its affinity and by its container's share of processor time."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # Windows and macOS
        cores = os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return cores
    return cores if quota == "max" else max(1, min(cores, int(quota) // int(period)))


def _use_no_more_than_all_cores() -> None:
    """With more threads than cores each waits for the others. What the user set (OMP_NUM_THREADS) and is less stays."""
    if torch.get_num_threads() > usable_cores():
        torch.set_num_threads(usable_cores())


# ------------------------------------------------------------------------------------------------ what follows from it


def autocast(device: str, precision: str = "auto") -> AbstractContextManager:
    """Return a context in which products run in bfloat16, or nothing; `precision` is auto, bf16 or float32."""
    if precision not in ("auto", "bf16", "float32"):
        raise BadConfig(f"precision {precision!r}: expected auto, bf16 or float32")
    if precision == "bf16" or (precision == "auto" and fast_bf16(device)):
        return torch.autocast(device.split(":")[0], torch.bfloat16)
    return nullcontext()


def product_dtype(weight: Tensor) -> torch.dtype:
    """Return what a product with a weight runs in; autocast leaves zeros and ones as they are."""
    device = weight.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype


def gathers(weight: Tensor) -> bool:
    """Return whether rows of a table are gathered and added instead of multiplied with zeros and ones, one in fifty a
    one.

    On a CPU that takes a third to a tenth of the time, but for the backward pass in bfloat16 (benchmarks.leaves).
    """
    learning = torch.is_grad_enabled() and weight.requires_grad
    return weight.device.type == "cpu" and not (learning and product_dtype(weight) == torch.bfloat16)
