"""The cost of training: memory, and arithmetic compared with the device's peak."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import lru_cache

import torch
from torch import nn

from ..model.gpt import Gpt

PEAKS = {  # dense bf16 operations per second, from the makers' data sheets
    "H200": 989e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "RTX 4090": 165e12,
    "RTX 3090": 71e12,
}


def peak_memory(device: str) -> dict[str, float]:
    """Return the peak memory so far in MiB: of the process, and of its tensors on a GPU."""
    found = {}
    if sys.platform != "win32":
        import resource

        unit = 2**20 if sys.platform == "darwin" else 2**10
        found["memory_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
    if device.startswith("cuda"):
        found["cuda_mib"] = round(torch.cuda.max_memory_allocated(device) / 2**20, 1)
    return found


@lru_cache
def _libc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return libc if hasattr(libc, "malloc_trim") else None


def give_back_memory() -> None:
    """Return freed memory to the system: glibc keeps it in fragments, of which batches of many shapes leave many."""
    if libc := _libc():
        libc.malloc_trim(0)


def operations(model: Gpt, rows: int, columns: int) -> float:
    """Count the multiplications and additions of a training step on a batch (PaLM, arXiv 2204.02311, appendix B): 6 per
    weight and column, and for attention 12 per layer, width and pair of columns."""
    tables = {id(p) for m in model.modules() if isinstance(m, nn.Embedding) for p in m.parameters()}
    weights = sum(p.numel() for p in model.parameters() if p.ndim > 1 and id(p) not in tables)
    attends = model.config.trunk == "transformer"
    pairs = 12 * model.config.layers * model.config.width * columns if attends else 0
    return rows * columns * (6.0 * weights + pairs)


def utilisation(operations: float, seconds: float, device: str) -> float | None:
    """Return the fraction of the device's peak that was used (MFU); None where the peak is unknown."""
    if not device.startswith("cuda"):
        return None
    name = torch.cuda.get_device_name(device)
    peak = next((peak for known, peak in PEAKS.items() if known in name), None)
    return None if peak is None else operations / seconds / peak


def installed_memory() -> float:
    """Return the bytes of memory in this machine; infinite where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return float("inf")
