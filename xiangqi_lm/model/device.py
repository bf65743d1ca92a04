"""Where a model runs and in which precision; on a CPU this is measured once on each machine."""

from __future__ import annotations

import platform
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from ..errors import BadConfig
from ..processes import usable_cores

_AT_FIRST = torch.get_num_threads()  # torch's own choice, or the user's by OMP_NUM_THREADS
_CLEARLY = 1.2  # the speed-up over float32 that bfloat16 must reach
_ROUNDS = 16  # timings of each dtype, in turn, of which the shortest counts


def pick_device(name: str = "auto") -> str:
    """Return the torch device of a name; `auto` is CUDA where available, else the CPU. Raises BadConfig for a device
    that does not exist.

    On a CPU, torch is then limited to as many threads as there are cores for it.
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
    """The capabilities of a device."""

    name: str  # as the system names it
    fast_bf16: bool  # whether bfloat16 products are faster than float32
    threads: int  # used by torch, on a CPU
    cpu: bool

    def __str__(self) -> str:
        """Return one line for logs and benchmarks."""
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
    """Return whether a device computes bfloat16 products faster than float32; on a CPU, measured once in
    milliseconds.
    """
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
    """Return whether this CPU multiplies in bfloat16 clearly faster than in float32.

    It is measured, because feature flags do not tell: torch counts AVX-512 alone as support although it is slower;
    AMX, AVX512_BF16 and Arm's BF16 are different units; a virtual machine may hide any of them.
    """
    if not torch.backends.mkldnn.is_available() or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False  # wheels for macOS come without oneDNN
    plain, short = product_seconds(torch.float32, torch.bfloat16)
    return plain > _CLEARLY * short


def product_seconds(*dtypes: torch.dtype) -> list[float]:
    """Return the shortest time of a layer's product in each dtype: 64 rows, 256 to 1,024 columns, on one thread.

    The dtypes take turns, and no thread waits for another, so that other work on the machine does not favour one.
    """
    operands = [(torch.ones(64, 256, dtype=dtype), torch.ones(1024, 256, dtype=dtype)) for dtype in dtypes]
    best, threads = [float("inf")] * len(dtypes), torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            for _ in range(_ROUNDS):  # the first also prepares
                for i, (x, weight) in enumerate(operands):
                    began = time.perf_counter()
                    torch.nn.functional.linear(x, weight)
                    best[i] = min(best[i], time.perf_counter() - began)
    finally:
        torch.set_num_threads(threads)
    return best


def use_threads(count: int) -> None:
    """Let torch use that many threads for what the calling thread computes; 0 restores the number it had at first. More
    threads than cores are never used, as they wait for each other.
    """
    torch.set_num_threads(min(count or _AT_FIRST, usable_cores()))


def _use_no_more_than_all_cores() -> None:
    """Cap torch's threads at the number of cores; keep a smaller number set by the user."""
    if torch.get_num_threads() > usable_cores():
        torch.set_num_threads(usable_cores())


# ------------------------------------------------------------------------------------------------ consequences


def chosen_precision(device: str, precision: str = "auto") -> str:
    """Return bf16 or float32: for auto, the faster one on this device."""
    if precision != "auto":
        return precision
    return "bf16" if fast_bf16(device) else "float32"


def autocast(device: str, precision: str = "auto") -> AbstractContextManager:
    """Return a context in which products run in bfloat16, or a null context; `precision` is auto, bf16 or float32."""
    if precision not in ("auto", "bf16", "float32"):
        raise BadConfig(f"precision {precision!r}: expected auto, bf16 or float32")
    if chosen_precision(device, precision) == "bf16":
        return torch.autocast(device.split(":")[0], torch.bfloat16)
    return nullcontext()


def product_dtype(weight: Tensor) -> torch.dtype:
    """Return the dtype of products with a weight; autocast does not convert zeros and ones."""
    device = weight.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype


def gathers(weight: Tensor) -> bool:
    """Return whether to gather and add rows of a table instead of multiplying by a matrix in which one entry in fifty
    is a one.

    On a CPU that takes a third to a tenth of the time, except the backward pass in bfloat16 (benchmarks.leaves).
    """
    learning = torch.is_grad_enabled() and weight.requires_grad
    return weight.device.type == "cpu" and not (learning and product_dtype(weight) == torch.bfloat16)
